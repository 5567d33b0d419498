using System.Collections.Immutable;
using System.Globalization;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;

// A gate reduced to quota and record, to be killed: reserves, appends, and prints the id of each call that was acknowledged.
var time = TimeProvider.System;
var options = new JournalOptions(args[0], SegmentBytes: 50_000);
await using var journal = await Journal.OpenAsync(options, time, NullLogger.Instance);
var counters = new Counters(time);
counters.Restore(journal.ReplayedCharges, journal.ReplayedUntil);
var max = decimal.Parse(args[1], CultureInfo.InvariantCulture);
ImmutableArray<Limit> limits =
[
    new Limit("runs", LimitWindow.Month, max, LimitScope.Grant, "/all_tools/limits/0"),
    new Limit("slides", new LimitWindow(3_600, false), max, LimitScope.Grant, "/all_tools/limits/1") { Sliding = true, Per = "\"a\"" },
];
var life = args[2];
var output = Console.OpenStandardOutput();

await Task.WhenAll(Enumerable.Range(0, 8).Select(CallAsync));
await Task.Delay(Timeout.Infinite);

async Task CallAsync(int caller)
{
    for (var i = 0; ; i++)
    {
        await Task.Yield();
        var reservation = counters.Reserve("p", limits, new CounterOwner("g", null, null, "s"));
        if (reservation.Outcome != ReservationOutcome.Granted)
        {
            Print("full");
            return;
        }

        var id = $"{life}-{caller}-{i}";
        var record = new CallRecord { Id = id, Time = time.GetUtcNow(), Method = "tools/call", Decision = "allow", Charges = reservation.Charges };
        var durability = i % 16 == 0 ? Durability.Power : Durability.Process;
        if (!(await journal.AppendAsync(record, durability, CancellationToken.None)).Written)
        {
            counters.Release(reservation.Charges);
            continue;
        }

        var isReleased = i % 5 == 0;
        Print(isReleased ? $"held {id}" : $"sent {id}");
        var outcome = new OutcomeRecord(id, time.GetUtcNow(), isReleased ? "failed" : "answered", null, 1, isReleased);
        await journal.CompleteAsync(outcome);
        if (isReleased)
        {
            counters.Release(reservation.Charges);
        }
    }
}

// One write to the pipe: what the parent has read was acknowledged, however this process ends.
void Print(string line)
{
    lock (output)
    {
        output.Write(System.Text.Encoding.ASCII.GetBytes(line + "\n"));
    }
}
