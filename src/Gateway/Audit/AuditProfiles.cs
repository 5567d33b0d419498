using System.Data.Common;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>The profiles of one index file: each stands once, and knows between which entries its calls lie.</summary>
internal sealed class AuditProfiles
{
    private const int MostKept = 20_000;

    private readonly Dictionary<AuditProfile, long> ids = [];
    private readonly Dictionary<long, AuditProfile> byId = [];
    private readonly Dictionary<long, (long First, long Last)> touched = [];

    /// <summary>Forgets what it keeps in memory: the file is another one, or a transaction was undone.</summary>
    public void Clear()
    {
        ids.Clear();
        byId.Clear();
        touched.Clear();
    }

    /// <summary>The number of the profile, which an entry of this number has.</summary>
    public long Intern(DbConnection connection, AuditProfile profile, long seq)
    {
        if (!ids.TryGetValue(profile, out var id))
        {
            id = Find(connection, profile) ?? Add(connection, profile, seq);
            Keep(id, profile);
        }

        touched[id] = touched.TryGetValue(id, out var range) ? (Math.Min(range.First, seq), Math.Max(range.Last, seq)) : (seq, seq);
        return id;
    }

    public AuditProfile Of(DbConnection connection, long id)
    {
        if (!byId.TryGetValue(id, out var profile))
        {
            profile = connection.Rows(
                "SELECT grant_id, identity, server, method, tool, decision, code, rule, policy, revision, outcome, client, argument_names, shadow FROM profiles WHERE id = $id",
                static row => new AuditProfile(
                    row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.GetString(5), row.Text(6), row.Text(7), row.Text(8),
                    row.IsDBNull(9) ? null : row.GetInt64(9), row.Text(10), row.Text(11), row.GetString(12), row.GetBoolean(13)),
                ("$id", id))[0];
            Keep(id, profile);
        }

        return profile;
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

    private static long? Find(DbConnection connection, AuditProfile profile) =>
        (long?)connection.Scalar("SELECT id FROM profiles WHERE digest = $digest", ("$digest", profile.Digest()));

    private static long Add(DbConnection connection, AuditProfile profile, long seq) => (long)connection.Scalar(
        """
        INSERT INTO profiles (digest, grant_id, identity, server, method, tool, decision, code, rule, policy, revision, outcome, client, argument_names, shadow, searched, first_seq, last_seq)
        VALUES ($digest, $grant, $identity, $server, $method, $tool, $decision, $code, $rule, $policy, $revision, $outcome, $client, $names, $shadow, $searched, $seq, $seq) RETURNING id
        """,
        ("$digest", profile.Digest()),
        ("$grant", profile.Grant),
        ("$identity", profile.Identity),
        ("$server", profile.Server),
        ("$method", profile.Method),
        ("$tool", profile.Tool),
        ("$decision", profile.Decision),
        ("$code", profile.Code),
        ("$rule", profile.Rule),
        ("$policy", profile.Policy),
        ("$revision", profile.Revision),
        ("$outcome", profile.Outcome),
        ("$client", profile.Client),
        ("$names", profile.ArgumentNames),
        ("$shadow", profile.Shadow),
        ("$searched", profile.Searched()),
        ("$seq", seq))!;

    private void Keep(long id, AuditProfile profile)
    {
        if (ids.Count >= MostKept)
        {
            ids.Clear();
            byId.Clear();
        }

        ids[profile] = id;
        byId[id] = profile;
    }
}
