using System.Data.Common;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>The profiles of one index file: each stands once, and knows between which entries its calls lie.</summary>
internal sealed class AuditProfiles
{
    private const int MostKept = 50_000;

    private readonly AuditNames<AuditParty> parties = new(
        "parties", ["grant_id", "identity", "client"],
        static party => [party.Grant, party.Identity, party.Client],
        static party => [party.Grant, party.Identity, party.Client]);

    private readonly AuditNames<AuditTarget> targets = new(
        "targets", ["server", "method", "tool", "argument_names"],
        static target => [target.Server, target.Method, target.Tool, target.ArgumentNames],
        static target => [target.Server, target.Method, target.Tool, target.Names()]);

    private readonly AuditNames<AuditVerdict> verdicts = new(
        "verdicts", ["decision", "code", "rule", "policy", "revision", "outcome", "shadow"],
        static verdict => [verdict.Decision, verdict.Code, verdict.Rule, verdict.Policy, verdict.Revision, verdict.Outcome, verdict.Shadow],
        static verdict => [verdict.Code, verdict.Rule, verdict.Policy]);

    private readonly Dictionary<(long Party, long Target, long Verdict), long> ids = [];
    private readonly Dictionary<long, (long First, long Last)> touched = [];

    /// <summary>Forgets what it keeps in memory: the file is another one, or a transaction was undone.</summary>
    public void Clear()
    {
        parties.Clear();
        targets.Clear();
        verdicts.Clear();
        ids.Clear();
        touched.Clear();
    }

    /// <summary>The number of the profile, which an entry of this number has.</summary>
    public long Intern(DbConnection connection, AuditProfile profile, long seq) =>
        Intern(connection, (parties.Intern(connection, profile.Party), targets.Intern(connection, profile.Target), verdicts.Intern(connection, profile.Verdict)), seq);

    /// <summary>The profile that an entry gets when it was judged, or ended, otherwise.</summary>
    public long Revise(DbConnection connection, long profile, long seq, Func<AuditVerdict, AuditVerdict> change)
    {
        var (party, target, before) = connection.Rows(
            "SELECT p.party, p.target, v.decision, v.code, v.rule, v.policy, v.revision, v.outcome, v.shadow FROM profiles AS p JOIN verdicts AS v ON v.id = p.verdict WHERE p.id = $id",
            static row => (row.GetInt64(0), row.GetInt64(1), new AuditVerdict(row.GetString(2), row.Text(3), row.Text(4), row.Text(5), row.IsDBNull(6) ? null : row.GetInt64(6), row.Text(7), row.GetBoolean(8))),
            ("$id", profile))[0];
        return Intern(connection, (party, target, verdicts.Intern(connection, change(before))), seq);
    }

    /// <summary>Writes the ranges that grew; the caller holds the transaction.</summary>
    public void WriteRanges(DbConnection connection)
    {
        using var update = connection.Command(
            "UPDATE profiles SET first_seq = min(first_seq, $first), last_seq = max(last_seq, $last) WHERE id = $id", ("$first", null), ("$last", null), ("$id", null));
        foreach (var (id, (first, last)) in touched)
        {
            update.Parameters[0].Value = first;
            update.Parameters[1].Value = last;
            update.Parameters[2].Value = id;
            update.ExecuteNonQuery();
        }

        touched.Clear();
    }

    /// <summary>Drops what no entry from this number on can have; the caller holds the transaction.</summary>
    public void Forget(DbConnection connection, long beforeSeq)
    {
        connection.Execute("DELETE FROM profiles WHERE last_seq < $seq", ("$seq", beforeSeq));
        connection.Execute("DELETE FROM parties WHERE NOT EXISTS (SELECT 1 FROM profiles WHERE party = parties.id)");
        connection.Execute("DELETE FROM targets WHERE NOT EXISTS (SELECT 1 FROM profiles WHERE target = targets.id)");
        connection.Execute("DELETE FROM verdicts WHERE NOT EXISTS (SELECT 1 FROM profiles WHERE verdict = verdicts.id)");
        Clear();
    }

    private long Intern(DbConnection connection, (long Party, long Target, long Verdict) parts, long seq)
    {
        if (!ids.TryGetValue(parts, out var id))
        {
            id = Find(connection, parts, seq);
            if (ids.Count >= MostKept)
            {
                ids.Clear();
            }

            ids[parts] = id;
        }

        touched[id] = touched.TryGetValue(id, out var range) ? (Math.Min(range.First, seq), Math.Max(range.Last, seq)) : (seq, seq);
        return id;
    }

    private static long Find(DbConnection connection, (long Party, long Target, long Verdict) parts, long seq) => (long)connection.Scalar(
        """
        INSERT INTO profiles (party, target, verdict, first_seq, last_seq) VALUES ($party, $target, $verdict, $seq, $seq)
        ON CONFLICT (party, target, verdict) DO UPDATE SET first_seq = min(first_seq, $seq) RETURNING id
        """,
        ("$party", parts.Party),
        ("$target", parts.Target),
        ("$verdict", parts.Verdict),
        ("$seq", seq))!;
}
