using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Admin;

/// <summary>Writes operators' actions into the journal, under the name of who acts. INVARIANT: no record, no change.</summary>
internal sealed class OperatorRecord(Journal journal, TimeProvider time)
{
    /// <summary>Records that the change begins, makes it, records how it ended.</summary>
    /// <param name="after">What is then, where that is not known before.</param>
    public async ValueTask<IResult> AroundAsync(HttpContext context, OperatorAction action, Func<ValueTask<IResult>> change, Func<string>? after = null)
    {
        var started = time.GetTimestamp();
        var who = Actor.Of(context) ?? throw new InvalidOperationException("a change was reached by a request of nobody");
        var record = action.Record(context, who.Name, "allow", time.GetUtcNow());
        var appended = await journal.AppendAsync(record, Durability.Process, context.RequestAborted);
        if (!appended.Written)
        {
            return AdminJson.Fail(new AdminFault(503, AdminCodes.RecordUnavailable, "the journal cannot record this change, so it was not made"));
        }

        var outcome = "failed";
        try
        {
            var result = await change();
            outcome = "answered";
            return result;
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
