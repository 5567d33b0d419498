using Callgate.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Admin;

/// <summary>What an operator does, as the record names it.</summary>
/// <param name="Verb">Becomes the method <c>operator/VERB</c>.</param>
public sealed record OperatorAction(string Verb, string? Server = null, string? Grant = null, string? Policy = null, string? Detail = null);

/// <summary>Writes operators' actions into the journal. INVARIANT: no record, no change.</summary>
internal sealed class OperatorRecord(Journal journal, TimeProvider time)
{
    private const int MaxClient = 128;

    /// <summary>Records that the change begins, makes it, records how it ended.</summary>
    /// <param name="after">What is then, where that is not known before.</param>
    public async ValueTask<IResult> AroundAsync(HttpContext context, OperatorAction action, Func<ValueTask<IResult>> change, Func<string>? after = null)
    {
        var started = time.GetTimestamp();
        var record = Of(context, action, "allow", time.GetUtcNow());
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

    /// <summary>A request without the administrator's token; admitted at a bounded rate.</summary>
    public async ValueTask RefusedAsync(HttpContext context, bool presented)
    {
        var action = new OperatorAction("request", Detail: $"{context.Request.Method} without the administrator's token");
        await journal.AdmitRefusalAsync(Of(context, action, "deny", time.GetUtcNow()) with
        {
            Outcome = "refused",
            Code = presented ? "grant.unknown" : "grant.missing",
            Identity = null,
        });
    }

    private static CallRecord Of(HttpContext context, OperatorAction action, string decision, DateTimeOffset now)
    {
        var client = context.Request.Headers.UserAgent.ToString();
        return new CallRecord
        {
            Id = Identifiers.New(now),
            Time = now,
            Method = $"operator/{action.Verb}",
            Decision = decision,
            Identity = "administrator",
            Server = action.Server,
            Grant = action.Grant,
            Policy = action.Policy,
            Client = client.Length > MaxClient ? client[..MaxClient] : client,
            Detail = action.Detail,
        };
    }
}
