using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>Whether the chain of the journal holds.</summary>
/// <param name="BrokenSeq">The first entry that cannot be trusted; null when all can.</param>
/// <param name="HeadHash">SHA-256 of the last entry.</param>
/// <param name="Head">Number and hash of the last entry: keep it elsewhere, give it to a later check, and a cut shows.</param>
/// <param name="Heads">Signed heads that the chain agrees with.</param>
/// <param name="SignedSeq">The last entry that a signed head covers.</param>
/// <param name="Key">Whose signatures were checked, as a C2SP verifier key.</param>
public sealed record VerifyReply(bool Ok, long Entries, long FirstSeq, long? BrokenSeq, string? File, string? Why, string? HeadHash, string? Head, long Heads, long SignedSeq, string? Key)
{
    public static VerifyReply Of(VerifyReport report, string? key) =>
        new(report.Ok, report.Entries, report.FirstSeq, report.BrokenSeq, report.File, report.Reason, report.Head.Hash, report.Head.Hash is null ? null : report.Head.ToString(), report.Heads, report.SignedSeq, key);
}

/// <summary>What a check begins with; it needs none.</summary>
/// <param name="Head">The head that an earlier check gave, as <c>SEQ:HASH</c>.</param>
public sealed record VerifyBody(string? Head = null);

/// <summary>The key whose signatures stand under the heads of the record.</summary>
/// <param name="Key">The C2SP verifier key; keep it elsewhere.</param>
/// <param name="SignedSeq">The last entry that a signed head covers.</param>
/// <param name="AnchoredSeq">The last entry whose head every anchor has; null without anchors.</param>
/// <param name="Faults">What keeps heads from being signed, or an anchor from having them.</param>
public sealed record KeyReply(string Key, long SignedSeq, long? AnchoredSeq, IReadOnlyList<string> Faults);

/// <summary>The record itself, under <c>/api/v1/audit</c>: its key, its proof, its export.</summary>
internal sealed class RecordEndpoints(AdminParts parts, AdminChanges changes)
{
    /// <summary>In the order of <see cref="AuditExportFormat"/>.</summary>
    private static readonly string[] Formats = ["jsonl", "csv", "ocsf"];

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/audit/key", Key)
            .Describe<KeyReply>("audit.key", "The key whose signatures stand under the heads of the record", 200);
        group.MapPost("/audit/verify", (HttpContext context, CancellationToken ct) => VerifyAsync(context, ct))
            .Accepts<VerifyBody>(isOptional: true, "application/json")
            .Describe<VerifyReply>("audit.verify", "Checks the chain of the whole journal and its signed heads, and that it goes on from a head noted before", 200, 400, 413, 415);
        group.MapGet("/audit/export", (HttpContext context, [AsParameters] AuditFilter filter, string? format) => ExportAsync(context, filter, format))
            .Describe<string>("audit.export", "Streams the record: `jsonl` is the journal with its signed heads, whole, for `callgate audit verify`; `csv` and `ocsf` take the filters of a search", 200, 400, 503);
    }

    private IResult Key()
    {
        string[] faults = [.. new[] { parts.Heads.Fault }.OfType<string>(), .. parts.Anchors.Faults];
        return AdminJson.Ok(new KeyReply(parts.Heads.Key.Text, parts.Heads.SignedSeq, parts.Anchors.AnchoredSeq, faults));
    }

    private async Task<IResult> VerifyAsync(HttpContext context, CancellationToken ct)
    {
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        var (body, fault) = hasBody ? await AdminJson.ReadAsync<VerifyBody>(context, ct) : (new VerifyBody(), null);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var noted = body.Head is { } text ? JournalHead.TryParse(text) : null;
        if (body.Head is not null && noted is null)
        {
            return AdminJson.Fail(AdminFault.Invalid("`head` is `SEQ:HASH`, as an earlier check gave it"));
        }

        var request = new VerifyRequest(parts.JournalDirectory) { Noted = noted, Keys = [parts.Heads.Key] };
        var report = await Blocking(() => JournalVerifier.Verify(request), ct);
        return AdminJson.Ok(VerifyReply.Of(report, parts.Heads.Key.Text));
    }

    private async Task<IResult> ExportAsync(HttpContext context, AuditFilter filter, string? format)
    {
        var (query, fault) = filter.Read(context.Request.Query, "format");
        if (Array.IndexOf(Formats, format) < 0)
        {
            fault = AdminFault.Invalid("`format` is `jsonl`, `csv` or `ocsf`");
        }
        else if (format == "jsonl" && context.Request.Query.Count > 1)
        {
            fault = AdminFault.Invalid("an export that can be verified is whole: `jsonl` takes no filters; search for records as JSON lines, or export `csv` or `ocsf`");
        }
        else if (format != "jsonl" && !parts.Index.Healthy)
        {
            fault = new AdminFault(503, AdminCodes.IndexUnavailable, "the search index cannot be read; calls are still recorded, and `audit reindex` makes it again");
        }

        if (fault is not null)
        {
            return AdminJson.Fail(fault);
        }

        // Who took the record away belongs into it.
        var form = (AuditExportFormat)Array.IndexOf(Formats, format);
        return await changes.AroundAsync(context, new OperatorAction("audit-export", Detail: format), async () =>
        {
            await parts.Export.SendAsync(context, form, query!);
            return Results.Empty;
        });
    }

    /// <summary>Reading the whole journal takes long and blocks: it gets a thread of its own.</summary>
    private static Task<T> Blocking<T>(Func<T> work, CancellationToken ct) =>
        Task.Factory.StartNew(work, ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
