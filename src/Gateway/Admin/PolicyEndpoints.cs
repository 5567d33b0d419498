using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Wire;
using Callgate.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A policy without its document.</summary>
/// <param name="Mode"><c>enforce</c>, or <c>shadow</c> as the document says it.</param>
/// <param name="ShadowUntil">Until when a policy in shadow mode only watches; null while it is enforced.</param>
public sealed record PolicySummary(string Name, long Revision, string Digest, string? Description, bool Declared, string Mode, DateTimeOffset? ShadowUntil);

/// <summary>All policies.</summary>
public sealed record PolicyList(IReadOnlyList<PolicySummary> Policies);

/// <summary>A policy with the document that is in force.</summary>
public sealed record PolicyReply(string Name, long Revision, string Digest, string? Description, bool Declared, JsonElement? Document);

/// <summary>One saved revision.</summary>
public sealed record RevisionReply(long Revision, string Digest, string? Author, string? Note, DateTimeOffset Time, JsonElement? Document);

/// <summary>All revisions of one policy, oldest first.</summary>
public sealed record RevisionList(string Policy, IReadOnlyList<RevisionReply> Revisions);

/// <summary>One thing the compiler says about a document.</summary>
/// <param name="At">JSON Pointer into the document.</param>
public sealed record DiagnosticReply([property: JsonPropertyName("pointer")] string At, int Line, int Column, string Message, string? Suggestion)
{
    public static DiagnosticReply Of(PolicyDiagnostic diagnostic) =>
        new(diagnostic.Pointer, diagnostic.Line, diagnostic.Column, diagnostic.Message, diagnostic.Suggestion);
}

/// <summary>What the compiler says about a document that was not saved. A valid document may still have warnings.</summary>
public sealed record CheckReply(bool Valid, IReadOnlyList<DiagnosticReply> Diagnostics, IReadOnlyList<DiagnosticReply> Warnings, IReadOnlyList<DiagnosticReply> Notes);

/// <summary><c>/api/v1/policies</c>.</summary>
internal sealed class PolicyEndpoints(AdminParts parts)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/policies", (CancellationToken _) => List())
            .Describe<PolicyList>("policies.list", "Lists the policies", 200);
        group.MapPost("/policies/check", (string? server, HttpContext context, CancellationToken ct) => CheckAsync(server, context, ct))
            .Accepts<JsonElement>("application/json")
            .Describe<CheckReply>("policies.check", "Compiles a document without saving it; with a server also against its reviewed tools", 200, 404, 413, 415);
        group.MapGet("/policies/{policy}", (string policy) => Show(policy))
            .Describe<PolicyReply>("policies.get", "Shows a policy", 200, 404);
        group.MapPut("/policies/{policy}", (string policy, string? note, HttpContext context, CancellationToken ct) => PutAsync((policy, note), context, ct))
            .Accepts<JsonElement>("application/json")
            .Describe<PolicySummary>("policies.put", "Saves a document as the next revision and puts it in force", 200, 400, 409, 413, 415, 422, 503);
        group.MapGet("/policies/{policy}/revisions", (string policy, CancellationToken ct) => RevisionsAsync(policy, ct))
            .Describe<RevisionList>("policies.revisions", "Lists what a policy was", 200, 404, 503);
    }

    private IResult List() => AdminJson.Ok(new PolicyList(
        [.. parts.Snapshots.Current.Policies.Values.OrderBy(static policy => policy.Name, StringComparer.Ordinal).Select(Summary)]));

    private IResult Show(string name) => parts.Snapshots.Current.Policies.TryGetValue(name, out var policy)
        ? AdminJson.Ok(new PolicyReply(policy.Name, policy.Revision, policy.Digest, policy.Policy.Description, policy.Declared, StrictJson.Parse(policy.Document.Span, out _)))
        : AdminJson.Fail(AdminFault.NotFound("policy", name));

    private async Task<IResult> CheckAsync(string? server, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.BytesAsync(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        IReadOnlyList<OfferedTool>? offered = null;
        if (server is not null && (offered = PolicyToolsEndpoints.Offered(parts.Snapshots.Current, server, out var unknown)) is null)
        {
            return AdminJson.Fail(unknown!);
        }

        var compilation = PolicyCompiler.Compile(body, Tools(parts.Snapshots.Current), offered);
        return AdminJson.Ok(new CheckReply(
            compilation.Policy is not null,
            [.. compilation.Diagnostics.Select(DiagnosticReply.Of)],
            [.. compilation.Warnings.Select(DiagnosticReply.Of)],
            [.. compilation.Notes.Select(DiagnosticReply.Of)]));
    }

    private async Task<IResult> PutAsync((string Name, string? Note) target, HttpContext context, CancellationToken ct)
    {
        var (name, note) = target;
        if (!Naming.IsName(name) || note is { Length: > 1024 })
        {
            return AdminJson.Fail(AdminFault.Invalid(Naming.IsName(name) ? "a note has at most 1024 characters" : $"`{name}` is no policy name: {Naming.Rule}"));
        }

        var (body, fault) = await AdminJson.BytesAsync(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var decided = await parts.Policies.SaveAsync(context, name, body, note);
        return Fault(decided, name) is { } refused ? AdminJson.Fail(refused) : AdminJson.Ok(Summary(decided.Policy!));
    }

    /// <summary>Why a revision was not saved, or a proposal not decided; null when it was.</summary>
    /// <param name="name">What was to be saved or decided.</param>
    internal static AdminFault? Fault(Decided decided, string name) => decided.Outcome switch
    {
        DecidedOutcome.Done => null,
        DecidedOutcome.NotFound => AdminFault.NotFound("proposal", name),
        DecidedOutcome.Declared => AdminFault.Declared("policy", decided.Proposal?.Policy ?? name),
        DecidedOutcome.Invalid => new AdminFault(422, AdminCodes.PolicyInvalid, decided.Problem!, [.. decided.Diagnostics.Select(DiagnosticReply.Of)]),
        DecidedOutcome.NotRecorded => AdminFault.NotRecorded,
        DecidedOutcome.Outdated => new AdminFault(409, AdminCodes.ProposalOutdated, decided.Problem!),
        _ => AdminFault.Conflict(decided.Problem!),
    };

    /// <summary>For tests that name a server.</summary>
    private static Func<string, string, KnownTool?> Tools(Snapshot now) => (server, tool) => PinBook.ForTests(now, server, tool);

    private async Task<IResult> RevisionsAsync(string name, CancellationToken ct)
    {
        var revisions = await parts.Policies.RevisionsAsync(name, ct);
        return revisions.Count == 0
            ? AdminJson.Fail(AdminFault.NotFound("policy", name))
            : AdminJson.Ok(new RevisionList(name, [.. revisions.Select(static revision => new RevisionReply(
                revision.Revision,
                Digest(revision.Document.Span),
                revision.Author,
                revision.Note,
                revision.Time,
                StrictJson.Parse(revision.Document.Span, out _)))]));
    }

    private static string Digest(ReadOnlySpan<byte> document) => Convert.ToHexStringLower(SHA256.HashData(document));

    private PolicySummary Summary(PolicyRevision policy) => new(
        policy.Name, policy.Revision, policy.Digest, policy.Policy.Description, policy.Declared, policy.Policy.IsShadow ? "shadow" : "enforce",
        parts.Snapshots.Current.WatchedUntil(policy, parts.Time.GetUtcNow()));
}
