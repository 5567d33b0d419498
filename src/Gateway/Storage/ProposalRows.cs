using System.Data.Common;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Policies;

namespace Callgate.Gateway.Storage;

/// <summary>Proposals of policies as rows. Each method runs in a transaction of its caller.</summary>
internal static class ProposalRows
{
    /// <summary>Those that are not open beyond this go when another is begun; the journal keeps what became of them.</summary>
    private const int MostKept = 200;

    private const string Columns = "SELECT proposal, state, sealed FROM proposals";

    /// <summary>False when as many are open as may.</summary>
    public static bool Begin(DbConnection connection, Proposal proposal, Sealer sealer)
    {
        if (connection.Scalar("SELECT count(*) FROM proposals WHERE state IN ('Making', 'Open')") is >= (long)Proposal.MostOpen)
        {
            return false;
        }

        connection.Execute(
            "DELETE FROM proposals WHERE state IN ('Accepted', 'Rejected', 'Outdated') AND id IN (SELECT id FROM proposals WHERE state IN ('Accepted', 'Rejected', 'Outdated') ORDER BY made DESC LIMIT -1 OFFSET $most)",
            ("$most", (long)MostKept));
        connection.Execute(
            "INSERT INTO proposals (id, policy, base, state, made, proposal, sealed) VALUES ($id, $policy, $base, 'Making', $made, '', NULL)",
            ("$id", proposal.Id),
            ("$policy", proposal.Policy),
            ("$base", proposal.Base),
            ("$made", proposal.Made));
        Write(connection, proposal with { State = ProposalState.Making }, sealer);
        return true;
    }

    /// <summary>Forgets those whose answer did not count: this one, or all that there are.</summary>
    public static int Drop(DbConnection connection, string? id) =>
        connection.Execute("DELETE FROM proposals WHERE state = 'Making' AND ($id IS NULL OR id = $id)", ("$id", id));

    /// <summary>Opens what this approval's answers made: from now on it is seen.</summary>
    public static void Open(DbConnection connection, Approval approval, Sealer sealer, DateTimeOffset now)
    {
        foreach (var vote in approval.Votes)
        {
            if (vote.Proposal is { } id && Find(connection, sealer, id) is { State: ProposalState.Making } made)
            {
                Write(connection, made with { State = ProposalState.Open }, sealer);
                Outdate(connection, made.Policy, NewestRevision(connection, made.Policy) ?? 0, sealer, now);
            }
        }
    }

    /// <summary>A policy has this revision now; what was written from another one can no longer be saved.</summary>
    public static void Outdate(DbConnection connection, string policy, long revision, Sealer sealer, DateTimeOffset now)
    {
        foreach (var old in connection.Rows($"{Columns} WHERE policy = $policy AND state = 'Open' AND base <> $revision", row => Read(row, sealer), ("$policy", policy), ("$revision", revision)))
        {
            Write(connection, old.Ended(ProposalState.Outdated, now) with { Revision = revision }, sealer);
        }
    }

    /// <summary>Saves its document as the next revision, whose number comes back; null when it is not open, or was written from another than the newest.</summary>
    public static long? Accept(DbConnection connection, string id, (string Who, string? Note) by, Sealer sealer, DateTimeOffset now)
    {
        if (Find(connection, sealer, id) is not { IsOpen: true, Document: { } document } open || NewestRevision(connection, open.Policy) != open.Base)
        {
            return null;
        }

        var revision = PolicyRows.Save(connection, new StoredPolicy(open.Policy, 0, Encoding.UTF8.GetBytes(document), by.Who, by.Note, now));
        Write(connection, open.Ended(ProposalState.Accepted, now) with { DecidedBy = by.Who, Revision = revision }, sealer);
        Outdate(connection, open.Policy, revision, sealer, now);
        return revision;
    }

    /// <summary>False when somebody has decided already.</summary>
    public static bool Reject(DbConnection connection, string id, (string Who, string? Reason) by, Sealer sealer, DateTimeOffset now)
    {
        if (Find(connection, sealer, id) is not { CanBeRejected: true } found)
        {
            return false;
        }

        Write(connection, found.Ended(ProposalState.Rejected, now) with { DecidedBy = by.Who, Reason = by.Reason }, sealer);
        return true;
    }

    /// <summary>All that are kept, newest first, without their documents.</summary>
    public static List<Proposal> Newest(DbConnection connection) =>
        connection.Rows("SELECT proposal, state FROM proposals WHERE state <> 'Making' ORDER BY made DESC, id DESC", Read);

    /// <summary>Of any state, with its document while that is kept.</summary>
    public static Proposal? Find(DbConnection connection, Sealer sealer, string id) =>
        connection.Rows($"{Columns} WHERE id = $id", row => Read(row, sealer), ("$id", id)) is [var found] ? found : null;

    public static List<string> Making(DbConnection connection) => connection.Rows("SELECT id FROM proposals WHERE state = 'Making'", row => row.GetString(0));

    private static long? NewestRevision(DbConnection connection, string policy) =>
        connection.Scalar("SELECT max(revision) FROM policies WHERE name = $name", ("$name", policy)) as long?;

    private static void Write(DbConnection connection, Proposal proposal, Sealer sealer) => connection.Execute(
        "UPDATE proposals SET state = $state, proposal = $proposal, sealed = $sealed WHERE id = $id",
        ("$id", proposal.Id),
        ("$state", proposal.State.ToString()),
        ("$proposal", JsonSerializer.Serialize(proposal with { Document = null }, StoreJson.Default.Proposal)),
        ("$sealed", proposal.Document is { } document ? sealer.Seal(Encoding.UTF8.GetBytes(document), Place(proposal.Id)) : null));

    private static Proposal Read(DbDataReader row) =>
        JsonSerializer.Deserialize(row.GetString(0), StoreJson.Default.Proposal)! with { State = Enum.Parse<ProposalState>(row.GetString(1)) };

    private static Proposal Read(DbDataReader row, Sealer sealer)
    {
        var proposal = Read(row);
        if (row.Text(2) is not { } text)
        {
            return proposal;
        }

        return sealer.TryOpen(text, Place(proposal.Id), out var plain)
            ? proposal with { Document = Encoding.UTF8.GetString(plain) }
            : throw new StoreException($"the document of proposal `{proposal.Id}` does not open; restore the store from a backup");
    }

    private static byte[] Place(string id) => Encoding.UTF8.GetBytes("proposal/" + id);
}
