using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>Whether people let a call pass.</summary>
/// <param name="Ticket">Taken for this execution.</param>
/// <param name="Again">The call is to be judged anew: somebody has answered. Null when it was answered, or passes.</param>
public readonly record struct Consent(ApprovalTicket? Ticket, Incoming? Again);

/// <summary>
/// Step 4 of a call: asks people, and meanwhile does what its client can bear. A client of tasks gets a task; one that opens
/// pages is sent to the page; every other is held, and told after a while that it may repeat the call.
/// </summary>
public sealed class People(ApprovalBook book, ApprovalRequests requests, ApprovalTasks tasks, Recorder recorder, Continuations continuations, SnapshotSource snapshots, ApprovalPages pages)
{
    private const int MostAsks = 5;

    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(10);

    /// <summary>Takes the approval of this very call, or asks for one. Where it gives neither an approval nor a call to judge again, the client was answered.</summary>
    public async ValueTask<Consent> AskAsync(Incoming call, CallRecord record, Leg leg, PinnedTool tool, Decision decision)
    {
        if (leg.Declined || requests.Of(call, leg, tool, decision) is not { } wanted)
        {
            await RefuseAsync(call, record, leg.Declined ? Declined(decision, tool.Name) : TooLarge(decision, tool.Name)).ConfigureAwait(false);
            return default;
        }

        if (book.TryTake(wanted.Subject) is { } ticket)
        {
            return new Consent(ticket, null);
        }

        var asked = await book.AskAsync(wanted, id => recorder.PendAsync(record with { Approval = id }, decision)).ConfigureAwait(false);
        if (asked.Approval is not { } pending)
        {
            await RefuseAsync(call, record, Refused(asked, decision, tool.Name)).ConfigureAwait(false);
            return default;
        }

        var waiting = new Waiting(call, record with { Approval = pending.Id }, leg, pending, decision);
        return asked.Outcome == AskedOutcome.Denied ? await EndAsync(waiting, Denied(pending, decision)).ConfigureAwait(false)
            : await WaitAsync(waiting).ConfigureAwait(false);
    }

    private async ValueTask<Consent> WaitAsync(Waiting waiting)
    {
        var call = waiting.Call;
        if (call.IsTask)
        {
            return await HoldAsync(waiting, waiting.Approval.Expires + LongPoll, null).ConfigureAwait(false);
        }

        if (call.Reply.Batch)
        {
            // The other elements must not wait for people.
            return await EndPendingAsync(waiting).ConfigureAwait(false);
        }

        if (ClientAbility.TakesTasks(call))
        {
            var answer = tasks.Begin(call, waiting.Approval);
            return answer is { } task ? await AnswerAsync(waiting, task, "answered").ConfigureAwait(false) : await EndPendingAsync(waiting).ConfigureAwait(false);
        }

        var page = ClientAbility.OpensPages(call) ? pages.Of(waiting.Approval.Id) : null;
        if (page is not null && call.Modern)
        {
            return await SendToPageAsync(waiting, page).ConfigureAwait(false);
        }

        var until = call.HeldUntil ?? recorder.Time.GetUtcNow() + pages.Wait;
        return await HoldAsync(waiting, until, page).ConfigureAwait(false);
    }

    /// <summary>2026-07-28: the client opens the page for its user and comes back; then it is held for a short while each time.</summary>
    private async ValueTask<Consent> SendToPageAsync(Waiting waiting, Uri page)
    {
        var leg = waiting.Leg;
        if (leg.Asks > 0)
        {
            var until = waiting.Call.HeldUntil ?? recorder.Time.GetUtcNow() + (pages.Wait < LongPoll ? pages.Wait : LongPoll);
            var (settled, refusal) = await AnswerOfPeopleAsync(waiting, until, default).ConfigureAwait(false);
            if (settled)
            {
                return refusal is null ? Again(waiting, until) : await EndAsync(waiting, refusal).ConfigureAwait(false);
            }
        }

        return leg.Asks < MostAsks
            ? await AnswerAsync(waiting, continuations.AskForPage(waiting.Call, leg, page, Message(waiting)), "answered").ConfigureAwait(false)
            : await EndPendingAsync(waiting).ConfigureAwait(false);
    }

    private async ValueTask<Consent> HoldAsync(Waiting waiting, DateTimeOffset until, Uri? page)
    {
        using var declined = new CancellationTokenSource();
        var question = page is null ? null : await OpenPageAsync(waiting, page, declined).ConfigureAwait(false);
        var (settled, refusal) = await AnswerOfPeopleAsync(waiting, until, declined.Token).ConfigureAwait(false);
        if (question is { } id)
        {
            waiting.Call.Session!.TryAnswer(id, out _);
            await waiting.Call.Reply.MessageAsync(Completed(waiting.Approval.Id)).ConfigureAwait(false);
        }

        return settled && refusal is null ? Again(waiting, until)
            : refusal is not null ? await EndAsync(waiting, refusal).ConfigureAwait(false)
            : declined.IsCancellationRequested ? await EndAsync(waiting, Declined(waiting.Decision, waiting.Approval.Tool)).ConfigureAwait(false)
            : await EndPendingAsync(waiting).ConfigureAwait(false);
    }

    /// <summary>Settled: people have answered, or what they were asked counts no more. Not settled: the time is up, or nobody waits.</summary>
    private async ValueTask<(bool Settled, Refusal? Refusal)> AnswerOfPeopleAsync(Waiting waiting, DateTimeOffset until, CancellationToken declined)
    {
        var call = waiting.Call;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(call.Cut, call.Unwanted, call.IsTask ? default : call.ClientGone, declined);
        var seen = waiting.Approval;
        for (var ticks = 1L; ; ticks++)
        {
            var change = book.ChangeAsync(seen, gone.Token);
            while (!change.IsCompleted)
            {
                var left = until - recorder.Time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                {
                    return (false, null);
                }

                await Task.WhenAny(change, Task.Delay(left < SignOfLife ? left : SignOfLife, recorder.Time, gone.Token)).ConfigureAwait(false);
                if (!change.IsCompleted && !gone.IsCancellationRequested)
                {
                    await SignAsync(waiting, ticks++).ConfigureAwait(false);
                }
            }

            if (gone.IsCancellationRequested)
            {
                return (false, null);
            }

            var now = await change.ConfigureAwait(false);
            switch (now?.State)
            {
                case ApprovalState.Pending:
                    seen = now;
                    break;
                case ApprovalState.Denied:
                    return (true, Denied(now, waiting.Decision));
                case ApprovalState.Expired:
                    return (true, new Refusal(RefusalCode.ApprovalExpired, waiting.Decision.Rule, "nobody answered in time; make the call again to ask once more"));
                case ApprovalState.Void when now.ShownDefinition is not null:
                    // Asked anew by itself, a server that changes its words without end would ask people without end.
                    return (true, new Refusal(RefusalCode.Drifted, waiting.Decision.Rule, "the definition of the tool changed once more while people were asked; make the call again to ask about what it is now"));
                default:
                    return (true, null);
            }
        }
    }

    private Consent Again(Waiting waiting, DateTimeOffset until)
    {
        recorder.CompletePending(waiting.Record, "answered", null);
        return new Consent(null, (Incoming)waiting.Call.In(snapshots.Current) with { Started = recorder.Time.GetUtcNow(), HeldUntil = until });
    }

    /// <summary>2025-11-25: the page is asked for on the stream of the call. Null when the session cannot be asked.</summary>
    private static async ValueTask<long?> OpenPageAsync(Waiting waiting, Uri page, CancellationTokenSource declined)
    {
        var session = waiting.Call.Session!;
        var own = new PendingAnswer(declined);
        if (!waiting.Call.Reply.TakesEvents || session.Ask(new Sessions.PendingQuestion(default, "callgate/" + waiting.Record.Id) { Own = own.Take }) is not { } id)
        {
            return null;
        }

        await waiting.Call.Reply.MessageAsync(RpcWriter.Request(id, "elicitation/create", writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("mode"u8, "url"u8);
            writer.WriteString("elicitationId"u8, waiting.Approval.Id);
            writer.WriteString("message"u8, Message(waiting));
            writer.WriteString("url"u8, page.AbsoluteUri);
            writer.WriteEndObject();
        })).ConfigureAwait(false);
        return id;
    }

    private static ReadOnlyMemory<byte> Completed(string approval) => RpcWriter.Notification("notifications/elicitation/complete", writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("elicitationId"u8, approval);
        writer.WriteEndObject();
    });

    /// <summary>Shows a client that waits that somebody is being asked: progress where it wants it, else a comment.</summary>
    private static ValueTask SignAsync(Waiting waiting, long tick)
    {
        var call = waiting.Call;
        if (call.IsTask || !call.Reply.TakesEvents)
        {
            return ValueTask.CompletedTask;
        }

        return call.ProgressToken is not { } token ? call.Reply.KeepAliveAsync() : call.Reply.MessageAsync(RpcWriter.Notification("notifications/progress", writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("progressToken"u8);
            writer.WriteRawValue(token.Span, skipInputValidation: true);
            writer.WriteNumber("progress"u8, tick);
            writer.WriteString("message"u8, $"waiting for the approval of a person, {waiting.Approval.Id}");
            writer.WriteEndObject();
        }));
    }

    private ValueTask<Consent> EndAsync(Waiting waiting, Refusal refusal)
    {
        var text = Refusals.Tool(waiting.Call, refusal, waiting.Record.Id);
        return AnswerAsync(waiting, text, "refused", refusal.Code);
    }

    private ValueTask<Consent> EndPendingAsync(Waiting waiting) =>
        AnswerAsync(waiting, Refusals.Pending(waiting.Call, waiting.Approval, waiting.Record, pages.Of(waiting.Approval.Id)), waiting.Call.Reply.Reachable ? "answered" : "abandoned");

    private async ValueTask<Consent> AnswerAsync(Waiting waiting, ReadOnlyMemory<byte> message, string outcome, string? code = null)
    {
        recorder.CompletePending(waiting.Record, outcome, code);
        await waiting.Call.JudgedAsync().ConfigureAwait(false);
        await waiting.Call.Reply.ResponseAsync(message).ConfigureAwait(false);
        return default;
    }

    private async ValueTask RefuseAsync(Incoming call, CallRecord record, Refusal refusal)
    {
        if (refusal.Code != RefusalCode.RecordUnavailable)
        {
            await recorder.RefuseAsync(record, refusal).ConfigureAwait(false);
        }

        await call.JudgedAsync().ConfigureAwait(false);
        await call.Reply.ResponseAsync(Refusals.Tool(call, refusal, record.Id)).ConfigureAwait(false);
    }

    private static Refusal Refused(Asked asked, Decision decision, string tool) => asked.Outcome switch
    {
        AskedOutcome.QueueFull => new(RefusalCode.ApprovalQueueFull, decision.Rule, $"`{tool}` needs the approval of a person, and {ApprovalBook.PendingOfAGrant} requests of this grant wait already; wait until some are answered") { IsPassing = true },
        AskedOutcome.NotStored => new(RefusalCode.ConfigurationUnavailable, decision.Rule, "people cannot be asked right now; try again later"),
        _ => Refusal.NotRecorded(asked.Detail),
    };

    private static Refusal TooLarge(Decision decision, string tool) =>
        new(RefusalCode.ApprovalRequired, decision.Rule, string.Create(CultureInfo.InvariantCulture, $"`{tool}` needs the approval of a person, and its arguments are larger than the {ApprovalRequests.LargestData / 1024} KiB that one can be shown; make them smaller"));

    private static Refusal Denied(Approval approval, Decision decision) =>
        new(RefusalCode.ApprovalDenied, decision.Rule, $"a person has refused this call{(approval.Votes is [.., { Reason: { Length: > 0 } why }] ? $": {why.TrimEnd('.', ' ')}" : "")}");

    private static Refusal Declined(Decision decision, string tool) =>
        new(RefusalCode.ApprovalRequired, decision.Rule, $"`{tool}` needs the approval of a person, and the page for it was not opened");

    private static string Message(Waiting waiting) =>
        $"A person must approve this call of {waiting.Approval.Tool} on {waiting.Approval.Server}. The page asks an approver to sign in.";

    private sealed record Waiting(Incoming Call, CallRecord Record, Leg Leg, Approval Approval, Decision Decision);

    /// <summary>What the client says about the page. To open it approves nothing; not to open it ends the wait.</summary>
    private sealed class PendingAnswer(CancellationTokenSource declined)
    {
        public void Take(RpcMessage answer)
        {
            var accepted = !answer.IsError && answer.Root.TryGetProperty("result"u8, out var result) && result.ValueKind == JsonValueKind.Object
                && result.TryGetProperty("action"u8, out var action) && action.ValueKind == JsonValueKind.String && action.ValueEquals("accept"u8);
            if (!accepted)
            {
                try
                {
                    declined.Cancel();
                }
                catch (ObjectDisposedException)
                {
                    // The wait was over by itself.
                }
            }
        }
    }
}
