using Callgate.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>Writes operators' actions into the journal, under the name of who acts. INVARIANT: no record, no change.</summary>
internal sealed class OperatorRecord(Journal journal, TimeProvider time)
{
    /// <summary>Records that the change begins, makes it, records how it ended. False, and nothing was done, when the journal cannot record it.</summary>
    /// <param name="after">What is then, where that is not known before.</param>
    /// <param name="refused">Whether what came of it is that nothing was changed.</param>
    public async ValueTask<(bool Recorded, T? Result)> AroundAsync<T>(
        HttpContext context, OperatorAction action, Func<ValueTask<T>> change, Func<string>? after = null, Func<T, bool>? refused = null)
    {
        var started = time.GetTimestamp();
        var who = Actor.Of(context) ?? throw new InvalidOperationException("a change was reached by a request of nobody");
        var record = action.Record(context, who.Name, "allow", time.GetUtcNow());
        var appended = await journal.AppendAsync(record, Durability.Process, context.RequestAborted);
        if (!appended.Written)
        {
            return (false, default);
        }

        var outcome = "failed";
        try
        {
            var result = await change();
            outcome = refused?.Invoke(result) == true ? "refused" : "answered";
            return (true, result);
        }
        finally
        {
            await journal.CompleteAsync(new OutcomeRecord(record.Id, time.GetUtcNow(), outcome, null, (long)time.GetElapsedTime(started).TotalMilliseconds, Detail: outcome == "answered" ? after?.Invoke() : null));
        }
    }

    /// <summary>A request without an operator's credential; admitted at a bounded rate.</summary>
    public async ValueTask RefusedAsync(HttpContext context, bool presented)
    {
        var action = new OperatorAction("request", Detail: $"{context.Request.Method} without an operator's credential");
        await journal.AdmitRefusalAsync(action.Record(context, null, "deny", time.GetUtcNow()) with
        {
            Outcome = "refused",
            Code = presented ? "grant.unknown" : "grant.missing",
        });
    }

    /// <summary>An operator who has not the role for it; admitted at a bounded rate too.</summary>
    public async ValueTask ForbiddenAsync(HttpContext context, Actor actor, string route)
    {
        var action = new OperatorAction("request", Detail: $"{route} is not for {(actor.IsToken ? "the administrator's token" : string.Join(", ", RoleText.Of(actor.Roles)))}");
        await journal.AdmitRefusalAsync(action.Record(context, actor.Name, "deny", time.GetUtcNow()) with { Outcome = "refused" });
    }
}
