using System.Runtime.InteropServices;
using System.Text.Json;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A call to explain.</summary>
/// <param name="Arguments">An object; null for none.</param>
/// <param name="Client">The name a client would give itself.</param>
public sealed record ExplainBody(string Server, string Grant, string Tool, JsonElement? Arguments = null, string? Client = null);

/// <summary>Two documents to compare.</summary>
/// <param name="Policy">The policy in force that is compared with; its name.</param>
/// <param name="Document">The document to come.</param>
/// <param name="Server">The server whose tools are compared; null compares by what the documents name.</param>
public sealed record DiffBody(string Policy, JsonElement Document, string? Server = null);

/// <summary>What <c>/api/v1/policies</c> has for those who write policies: nothing here changes anything.</summary>
internal sealed class PolicyToolsEndpoints(AdminParts parts)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapPost("/policies/explain", (HttpContext context, CancellationToken ct) => ExplainAsync(context, ct))
            .Accepts<ExplainBody>("application/json")
            .Describe<TraceReply>("policies.explain", "Tells what one call would meet, and why", 200, 400, 404, 413, 415);
        group.MapPost("/policies/diff", (HttpContext context, CancellationToken ct) => DiffAsync(context, ct))
            .Accepts<DiffBody>("application/json")
            .Describe<DiffReply>("policies.diff", "Tells what becomes of tools when a document takes the place of a policy", 200, 400, 404, 413, 415, 422);
        group.MapPost("/policies/recommend", (string server) => Recommend(server))
            .Describe<JsonElement>("policies.recommend", "Writes a first policy for the reviewed tools of a server", 200, 400, 404);
        group.MapPost("/policies/simulate", (HttpContext context, CancellationToken ct, [AsParameters] SimulationFilter filter) => SimulateAsync(context, filter, ct))
            .Accepts<JsonElement>("application/json")
            .Describe<SimulationReply>("policies.simulate", "Judges recorded calls by a document that is not in force", 200, 400, 413, 415, 422, 503);
    }

    /// <summary>The reviewed tools of a server as a policy meets them; null with a fault where there are none.</summary>
    public static IReadOnlyList<OfferedTool>? Offered(Snapshot now, string server, out AdminFault? fault)
    {
        IReadOnlyList<OfferedTool> tools = now.Servers.ContainsKey(server) ? ReviewedTools.Of(now, server) : [];
        fault = !now.Servers.ContainsKey(server) ? AdminFault.NotFound("server", server)
            : tools.Count == 0 ? new AdminFault(404, AdminCodes.NotFound, $"no tool of `{server}` is reviewed yet; `callgate server tools {server}` asks it")
            : null;
        return fault is null ? tools : null;
    }

    private async Task<IResult> ExplainAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<ExplainBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var now = parts.Snapshots.Current;
        if (!now.Servers.TryGetValue(body.Server, out var server))
        {
            return AdminJson.Fail(AdminFault.NotFound("server", body.Server));
        }

        if (now.FindGrant(body.Grant) is not { } grant)
        {
            return AdminJson.Fail(AdminFault.NotFound("grant", body.Grant));
        }

        if (!grant.Servers.TryGetValue(body.Server, out var attached) || body.Arguments is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            return AdminJson.Fail(AdminFault.Invalid(attached is null && !grant.Servers.ContainsKey(body.Server)
                ? $"grant `{body.Grant}` has no right to server `{body.Server}`"
                : "`arguments` must be an object"));
        }

        var policy = attached is null ? null : now.Policies.GetValueOrDefault(attached);
        var watched = policy is null ? null : now.WatchedUntil(policy, parts.Time.GetUtcNow());
        var facts = TriedCall.Facts(now, server, grant, body.Tool, body.Arguments, parts.Time.GetUtcNow(), watches: watched is not null) with
        {
            Caller = new CallerFacts(grant.Label, grant.Identity, grant.Attributes, body.Server, body.Client),
        };
        if (policy is null)
        {
            return AdminJson.Ok(TraceReply.Of(new PolicyTrace(Decision.NoPolicy, false, [])));
        }

        var trace = policy.Policy.Trace(facts);
        var room = parts.Counters.Probe(policy.Name, trace.Decision.Limits, new CounterOwner(grant.Id, grant.Identity, null, server.Name), watched is not null);
        return AdminJson.Ok(TraceReply.Of(trace) with { NoRoom = room.Refusing?.Rule, ShadowUntil = watched });
    }

    private async Task<IResult> DiffAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<DiffBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var now = parts.Snapshots.Current;
        if (!now.Policies.TryGetValue(body.Policy, out var policy))
        {
            return AdminJson.Fail(AdminFault.NotFound("policy", body.Policy));
        }

        IReadOnlyList<OfferedTool>? tools = null;
        if (body.Server is { } server && (tools = Offered(now, server, out var unknown)) is null)
        {
            return AdminJson.Fail(unknown!);
        }

        var after = PolicyCompiler.Compile(JsonMarshal.GetRawUtf8Value(body.Document).ToArray());
        return after.Policy is null
            ? AdminJson.Fail(Broken(after))
            : AdminJson.Ok(DiffReply.Of(PolicyDiff.Compare(PolicyCompiler.Compile(policy.Document), after, tools)));
    }

    private IResult Recommend(string server) => Offered(parts.Snapshots.Current, server, out var fault) is { } tools
        ? Results.Bytes(PolicyRecommendation.Write(tools, $"a first policy for {server}; read it before it is used"), "application/json")
        : AdminJson.Fail(fault!);

    private async Task<IResult> SimulateAsync(HttpContext context, SimulationFilter filter, CancellationToken ct)
    {
        var (query, wrong) = filter.Read(context.Request.Query);
        if (query is null)
        {
            return AdminJson.Fail(wrong!);
        }

        var (body, fault) = await AdminJson.BytesAsync(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var compilation = PolicyCompiler.Compile(body);
        if (compilation.Policy is not { } policy)
        {
            return AdminJson.Fail(Broken(compilation));
        }

        if (!parts.Index.Healthy)
        {
            return AdminJson.Fail(new AdminFault(503, AdminCodes.IndexUnavailable, "the search index cannot be read, and recorded calls are found by it; `audit reindex` makes it again"));
        }

        var behind = await parts.Record.CatchUpAsync(ct);
        var reply = await new SimulationRun(parts.Index, parts.Arguments, parts.Snapshots.Current, policy, filter.Replaces).RunAsync(query, ct);
        return AdminJson.Ok(reply with { Complete = reply.Complete && behind is null });
    }

    private static AdminFault Broken(PolicyCompilation compilation) =>
        new(422, AdminCodes.PolicyInvalid, "the document has errors", [.. compilation.Diagnostics.Select(DiagnosticReply.Of)]);
}
