using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>Until when a policy in shadow mode only watches.</summary>
public sealed record ShadowBody(DateTimeOffset Until);

/// <summary>A policy in shadow mode, and its end; null when it is enforced.</summary>
public sealed record ShadowReply(string Policy, DateTimeOffset? Until);

/// <summary><c>/api/v1/policies/{policy}/shadow</c>: a policy whose document says <c>"mode": "shadow"</c> is enforced until an end is set here, and each new revision of it is.</summary>
internal sealed class ShadowEndpoints(AdminParts parts, AdminChanges changes)
{
    /// <summary>A policy that only watches is a gate that is open: long enough to learn, too short to be forgotten.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    public void Map(RouteGroupBuilder group)
    {
        group.MapPut("/policies/{policy}/shadow", (string policy, HttpContext context, CancellationToken ct) => SetAsync(policy, context, ct))
            .Accepts<ShadowBody>("application/json")
            .Describe<ShadowReply>("policies.shadow", "Lets a policy in shadow mode only watch until the time given", 200, 400, 404, 409, 413, 415, 503);
        group.MapDelete("/policies/{policy}/shadow", (string policy, HttpContext context, CancellationToken _) => ChangeAsync(policy, null, context))
            .Describe<ShadowReply>("policies.enforce", "Enforces a policy in shadow mode from now on", 200, 404, 503);
    }

    private async Task<IResult> SetAsync(string name, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<ShadowBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var now = parts.Time.GetUtcNow();
        return body.Until <= now || body.Until > now + Longest
            ? AdminJson.Fail(AdminFault.Invalid($"`until` must lie ahead, and at most {Longest.Days} days"))
            : await ChangeAsync(name, body.Until.ToUniversalTime(), context);
    }

    private Task<IResult> ChangeAsync(string name, DateTimeOffset? until, HttpContext context) =>
        changes.MakeAsync(context, snapshot =>
        {
            if (!snapshot.Policies.TryGetValue(name, out var policy))
            {
                return PlannedChange.No(AdminFault.NotFound("policy", name));
            }

            if (until is not null && !policy.Policy.IsShadow)
            {
                return PlannedChange.No(AdminFault.Conflict($"the document of `{name}` does not say `\"mode\": \"shadow\"`, so it is enforced"));
            }

            var before = snapshot.Shadows.TryGetValue(name, out var was) ? Written(was.Revision, was.Until) : null;
            var detail = ChangeText.Of(before, until is { } end ? Written(policy.Revision, end) : null);
            return PlannedChange.Yes(new OperatorAction("policy-shadow", Policy: name, Detail: detail), async token =>
            {
                await parts.Store.SetShadowAsync(name, until is { } time ? new ShadowEnd(policy.Revision, time) : null, token);
                return AdminJson.Ok(new ShadowReply(name, until));
            });
        });

    private static string Written(long revision, DateTimeOffset until) => $"revision {revision} until {until:yyyy-MM-dd'T'HH:mm:ss'Z'}";
}
