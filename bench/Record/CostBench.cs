using System.Diagnostics;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Bench.Record;

/// <summary>
/// What the record costs a call, in the gate's own process: the product cannot be had without it. Each turn does the same
/// loop once with a journal and once with nothing in its place; the difference is the record's.
/// </summary>
internal static class CostBench
{
    private const int Rounds = 5;

    public static CallRecord Call(string id) => new()
    {
        Id = id,
        Time = TimeProvider.System.GetUtcNow(),
        Method = "tools/call",
        Decision = "allow",
        Grant = "laptop",
        Identity = "alice@example.com",
        Server = "dagster",
        Tool = "list_runs",
        Policy = "careful",
        Revision = 3,
        ArgumentNames = ["run_id", "limit"],
        ArgumentsDigest = "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26",
        Client = "agent 1.0",
        RequestId = "7",
        Charges = [new Charge(new CounterKey("careful", "runs", LimitScope.Grant, "laptop", "dagster", LimitWindow.Day), LimitWindow.Day.StartOf(TimeProvider.System.GetUtcNow()), 1)],
    };

    public static OutcomeRecord Outcome(string id) => new(id, TimeProvider.System.GetUtcNow(), "answered", 200, 12);

    public static async Task RunAsync(int calls)
    {
        Print($"| callers | durability | index follows | CPU us a call | calls/s | p50 us | p99 us |");
        Print($"|---|---|---|---:|---:|---:|---:|");
        foreach (var (callers, durability, index) in new[] { (1, Durability.Process, false), (1, Durability.Process, true), (16, Durability.Process, false), (16, Durability.Process, true), (1, Durability.Power, false), (16, Durability.Power, false) })
        {
            var count = durability == Durability.Power ? Math.Min(calls, 5_000) : calls;
            var turns = new List<Turn>();
            for (var round = 0; round < Rounds; round++)
            {
                var bare = await TurnAsync(null, durability, callers, count, index: false);
                var with = await TurnAsync(Directory.CreateTempSubdirectory("callgate-bench-cost-"), durability, callers, count, index);
                turns.Add(with with { Cpu = with.Cpu - bare.Cpu });
            }

            Print($"| {callers} | {(durability == Durability.Power ? "power" : "process")} | {(index ? "yes" : "no")} | {Median(turns, static turn => turn.Cpu):0.0} | {Median(turns, static turn => turn.Rate):0} | {Median(turns, static turn => turn.P50):0} | {Median(turns, static turn => turn.P99):0} |");
        }

        Print($"{Machine.Describe()}");
    }

    private static async Task<Turn> TurnAsync(DirectoryInfo? folder, Durability durability, int callers, int calls, bool index)
    {
        var directory = folder is null ? null : Path.Combine(folder.FullName, "journal");
        var journal = directory is null ? null : await Journal.OpenAsync(new JournalOptions(directory, durability), TimeProvider.System, NullLogger.Instance);
        var search = index ? await AuditIndex.OpenAsync(Path.Combine(folder!.FullName, "audit-index.db"), directory!, NullLogger.Instance) : null;
        if (search is not null)
        {
            journal!.Subscribe(search.Notify);
        }

        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var begun = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(journal, durability, caller, calls / callers))));
        var wall = Stopwatch.GetElapsedTime(begun);
        if (search is not null)
        {
            // Its work belongs to the calls, also what it puts off.
            journal!.WriteWaiting();
            await search.WaitForAsync(journal.LastSeq);
        }

        var spent = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        await (search?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (journal?.DisposeAsync() ?? ValueTask.CompletedTask);
        folder?.Delete(recursive: true);
        var sorted = times.SelectMany(static some => some).Order().ToList();
        return new Turn(spent.TotalMicroseconds / calls, calls / wall.TotalSeconds, Machine.Percentile(sorted, 0.5), Machine.Percentile(sorted, 0.99));
    }

    private static async Task<List<double>> CallAsync(Journal? journal, Durability durability, int caller, int calls)
    {
        var times = new List<double>(calls);
        for (var i = 0; i < calls; i++)
        {
            var id = $"call-{caller:D2}-{i:D12}";
            var begun = Stopwatch.GetTimestamp();
            var call = Call(id);
            if (journal is not null && !(await journal.AppendAsync(call, durability, CancellationToken.None)).Written)
            {
                throw new InvalidOperationException(journal.FaultDetail);
            }

            journal?.Complete(Outcome(id));
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            if (caller % 4 == 3)
            {
                await Task.Yield();
            }
        }

        return times;
    }

    private static double Median(List<Turn> turns, Func<Turn, double> value) => turns.Select(value).Order().ElementAt(turns.Count / 2);

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));

    private sealed record Turn(double Cpu, double Rate, double P50, double P99);
}
