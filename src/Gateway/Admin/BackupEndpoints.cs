using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A backup that was written into <c>backups</c> of the data folder.</summary>
public sealed record BackupReply(string Name, long Bytes, long JournalSeq);

/// <summary><c>/api/v1/backups</c>.</summary>
internal sealed class BackupEndpoints(AdminParts parts, AdminChanges changes)
{
    public void Map(RouteGroupBuilder group) =>
        group.MapPost("/backups", (HttpContext context, CancellationToken _) => MakeAsync(context))
            .Describe<BackupReply>("backups.create", "Writes a backup into the data folder and names it", 201, 503);

    private Task<IResult> MakeAsync(HttpContext context) =>
        changes.AroundAsync(context, new OperatorAction("backup"), async () =>
        {
            var seq = parts.Journal.LastSeq;
            var file = await BackupArchive.WriteAsync(parts, CancellationToken.None);
            return AdminJson.Ok(new BackupReply(Path.GetFileName(file), new FileInfo(file).Length, seq), 201);
        }).AsTask();
}
