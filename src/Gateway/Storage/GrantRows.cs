using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Callgate.Gateway.Grants;

namespace Callgate.Gateway.Storage;

/// <summary>Grants as rows, with one row for each server they cover.</summary>
internal static class GrantRows
{
    private const string SaveSql = """
        INSERT INTO grants (id, label, token_hash, identity, attributes, expires, revoked, created)
        VALUES ($id, $label, $hash, $identity, $attributes, $expires, $revoked, $created)
        ON CONFLICT (id) DO UPDATE SET label = excluded.label, token_hash = excluded.token_hash, identity = excluded.identity,
            attributes = excluded.attributes, expires = excluded.expires, revoked = excluded.revoked, created = excluded.created
        """;

    private const string AttachSql = """
        INSERT INTO grant_servers (grant_id, server, policy) VALUES ($id, $server, $policy)
        ON CONFLICT (grant_id, server) DO UPDATE SET policy = excluded.policy
        """;

    private const string Columns = "SELECT id, label, token_hash, identity, attributes, expires, revoked, created FROM grants";

    public static void Save(DbConnection connection, Grant grant)
    {
        connection.Execute(
            SaveSql,
            ("$id", grant.Id),
            ("$label", grant.Label),
            ("$hash", grant.TokenHash),
            ("$identity", grant.Identity),
            ("$attributes", JsonSerializer.Serialize(new(grant.Attributes), StoreJson.Default.DictionaryStringString)),
            ("$expires", grant.Expires),
            ("$revoked", grant.Revoked),
            ("$created", grant.Created));
        connection.Execute("DELETE FROM grant_servers WHERE grant_id = $id", ("$id", grant.Id));
        foreach (var (server, policy) in grant.Servers)
        {
            connection.Execute(AttachSql, ("$id", grant.Id), ("$server", server), ("$policy", policy));
        }
    }

    public static bool Attach(DbConnection connection, string id, string server, string? policy) =>
        connection.Scalar("SELECT 1 FROM grants WHERE id = $id", ("$id", id)) is not null
        && connection.Execute(AttachSql, ("$id", id), ("$server", server), ("$policy", policy)) > 0;

    public static Grant? Find(DbConnection connection, string id) =>
        connection.Rows($"{Columns} WHERE id = $id", Read, ("$id", id)) is [var grant]
            ? grant with { Servers = Servers(connection)[id].ToImmutableSortedDictionary(row => row.Server, row => row.Policy, StringComparer.Ordinal) }
            : null;

    public static ImmutableArray<Grant> Load(DbConnection connection)
    {
        var servers = Servers(connection);
        return
        [
            .. connection.Rows($"{Columns} ORDER BY id", Read).Select(grant => grant with
            {
                Servers = servers[grant.Id].ToImmutableSortedDictionary(row => row.Server, row => row.Policy, StringComparer.Ordinal),
            }),
        ];
    }

    private static ILookup<string, (string Id, string Server, string? Policy)> Servers(DbConnection connection) =>
        connection.Rows("SELECT grant_id, server, policy FROM grant_servers", row => (Id: row.GetString(0), Server: row.GetString(1), Policy: row.Text(2)))
            .ToLookup(row => row.Id, StringComparer.Ordinal);

    private static Grant Read(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Label = row.GetString(1),
        TokenHash = row.GetString(2),
        Identity = row.Text(3),
        Attributes = StoreJson.Sorted(JsonSerializer.Deserialize(row.GetString(4), StoreJson.Default.DictionaryStringString)!),
        Expires = row.Time(5),
        Revoked = row.Time(6),
        Created = row.Time(7),
    };
}
