using System.Text.Json;
using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Approvals;

/// <summary>
/// What the journal says became of approvals that the store holds as open: the process may have ended between the entry and
/// the store. Reads from the segment that was current when the oldest of them was asked for.
/// </summary>
internal static class ApprovalRecovery
{
    public const string Approve = "operator/approval-approve";

    public const string Deny = "operator/approval-deny";

    /// <summary>The same approvals in the same order, as they stand. One whose segments are gone counts no more.</summary>
    public static IReadOnlyList<Approval> Replay(string journalDirectory, IReadOnlyList<Approval> known)
    {
        var oldest = known.Min(static approval => approval.Since) + 1;
        var segments = JournalSegments.List(journalDirectory);
        var begin = segments.FindLastIndex(path => JournalSegments.FirstSeqOf(path) <= oldest);
        var standing = known.ToDictionary(static approval => approval.Id, StringComparer.Ordinal);
        if (begin < 0)
        {
            return [.. known.Select(static approval => approval.Ended(ApprovalState.Void, approval.Expires, "the journal no longer reaches back to it"))];
        }

        foreach (var entry in JournalReader.Read(journalDirectory, new JournalPosition(Path.GetFileName(segments[begin]), 0)))
        {
            if (AuditIndexEntry.Text(entry.Entry, "approval") is { } id && standing.TryGetValue(id, out var approval) && approval.IsOpen)
            {
                standing[id] = After(approval, entry.Entry);
            }
        }

        return [.. known.Select(approval => standing[approval.Id])];
    }

    private static Approval After(Approval approval, JsonElement entry)
    {
        var time = entry.GetProperty("time").GetDateTimeOffset();
        var method = AuditIndexEntry.Text(entry, "method");
        if (method is Approve or Deny)
        {
            var person = AuditIndexEntry.Text(entry, "identity") ?? "";
            return approval.Votes.Any(vote => vote.Operator == person) ? approval : approval.With(new ApprovalVote(person, method == Approve, AuditIndexEntry.Text(entry, "detail"), time));
        }

        return (method, AuditIndexEntry.Text(entry, "decision")) switch
        {
            ("tools/call", "allow") => approval.Ended(ApprovalState.Spent, time, AuditIndexEntry.Text(entry, "id")),
            ("approval/expired", _) => approval.Ended(ApprovalState.Expired, time, AuditIndexEntry.Text(entry, "detail")),
            ("approval/void", _) => approval.Ended(ApprovalState.Void, time, AuditIndexEntry.Text(entry, "detail")),
            _ => approval,
        };
    }
}
