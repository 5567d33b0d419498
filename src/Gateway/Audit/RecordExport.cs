using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Callgate.Gateway.Audit;

/// <summary>Gives the record away, as it is at the moment: the API and the pages come here.</summary>
/// <param name="directory">The journal's folder.</param>
public sealed class RecordExport(Journal journal, JournalHeads heads, AuditIndex index, RecordSearch search, string directory)
{
    /// <summary>
    /// Answers with it whole. The journal goes up to a head that is signed now, so that the export can be proven to its last
    /// entry, and takes no filters; it is written from a thread that blocks.
    /// </summary>
    /// <exception cref="Storage.StoreException">The index cannot be read now; not for the journal itself.</exception>
    public async Task SendAsync(HttpContext context, AuditExportFormat format, AuditQuery query)
    {
        var (output, ct) = (context.Response.Body, context.RequestAborted);
        context.Response.ContentType = format == AuditExportFormat.Csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        if (format != AuditExportFormat.Jsonl)
        {
            await search.CatchUpAsync(ct);
            await AuditExport.WriteFoundAsync(index, query, format, output, ct);
            return;
        }

        await heads.SignNowAsync();
        var last = heads.Fault is null && heads.SignedSeq > 0 ? heads.SignedSeq : journal.SyncedHead.Seq;
        if (context.Features.Get<IHttpBodyControlFeature>() is { } control)
        {
            control.AllowSynchronousIO = true;
        }

        await Task.Factory.StartNew(() => AuditExport.WriteJournal(directory, heads.Key, last, output), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
