using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;

namespace Callgate.Gateway.Approvals;

/// <summary>
/// What the journal says became of approvals that the store holds as open: the process may have ended between the entry and
/// the store. Reads from the segment that was current when the oldest of them was asked for.
/// </summary>
internal static class ApprovalRecovery
{
    private const string Approve = OperatorAction.Prefix + ApprovalDesk.ApproveVerb;

    private const string Deny = OperatorAction.Prefix + ApprovalDesk.DenyVerb;

    /// <summary>The same approvals in the same order, as they stand. An open one that the journal no longer reaches back to counts no more.</summary>
    /// <param name="begun">Proposals that the store does not show yet: each was made by the answer whose record has its id, or by none.</param>
    public static IReadOnlyList<Approval> Replay(string journalDirectory, IReadOnlyList<Approval> known, IReadOnlySet<string> begun)
    {
        var segments = JournalSegments.List(journalDirectory);
        var first = segments.Count == 0 ? long.MaxValue : JournalSegments.FirstSeqOf(segments[0]);

        // What was answered or has ended stands as it is: only open ones are looked for.
        var standing = known.Where(static approval => approval.IsOpen).ToDictionary(
            static approval => approval.Id,
            approval => approval.Since + 1 >= first ? approval : approval.Ended(ApprovalState.Void, approval.Expires, "the journal no longer reaches back to it"),
            StringComparer.Ordinal);
        foreach (var entry in Since(journalDirectory, segments, [.. standing.Values.Where(static approval => approval.IsOpen)]))
        {
            if (AuditIndexEntry.Text(entry.Entry, "approval") is { } id && standing.TryGetValue(id, out var approval) && approval.IsOpen)
            {
                standing[id] = After(approval, entry.Entry, begun);
            }
        }

        return [.. known.Select(approval => standing.GetValueOrDefault(approval.Id, approval))];
    }

    /// <summary>The entries from the segment on that was current when the oldest was asked for.</summary>
    private static IEnumerable<JournalEntry> Since(string journalDirectory, List<string> segments, IReadOnlyList<Approval> open)
    {
        if (open.Count == 0)
        {
            return [];
        }

        var oldest = open.Min(static approval => approval.Since) + 1;
        var begin = segments.FindLastIndex(path => JournalSegments.FirstSeqOf(path) <= oldest);
        return JournalReader.Read(journalDirectory, new JournalPosition(Path.GetFileName(segments[begin]), 0));
    }

    private static Approval After(Approval approval, JsonElement entry, IReadOnlySet<string> begun)
    {
        var time = entry.GetProperty("time").GetDateTimeOffset();
        var method = AuditIndexEntry.Text(entry, "method");
        if (method is Approve or Deny)
        {
            var person = AuditIndexEntry.Text(entry, "identity") ?? "";
            var proposal = AuditIndexEntry.Text(entry, "id") is { } id && begun.Contains(id) ? id : null;
            return approval.Votes.Any(vote => vote.Operator == person) ? approval : approval.With(new ApprovalVote(person, method == Approve, AuditIndexEntry.Text(entry, "detail"), time, proposal));
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
