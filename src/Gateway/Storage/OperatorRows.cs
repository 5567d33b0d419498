using System.Collections.Immutable;
using System.Data.Common;
using Callgate.Gateway.Operators;

namespace Callgate.Gateway.Storage;

/// <summary>Operators and their sessions as rows.</summary>
internal static class OperatorRows
{
    private const string SaveSql = """
        INSERT INTO operators (name, identity, roles, password_hash, stamp, created, invitation_hash, invitation_expires)
        VALUES ($name, $identity, $roles, $hash, $stamp, $created, $invitation, $until)
        ON CONFLICT (name) DO UPDATE SET identity = excluded.identity, roles = excluded.roles,
            password_hash = excluded.password_hash, stamp = excluded.stamp, created = excluded.created,
            invitation_hash = excluded.invitation_hash, invitation_expires = excluded.invitation_expires
        """;

    private const string SaveSessionSql = """
        INSERT INTO operator_sessions (token_hash, operator, stamp, kind, created, last_used, expires, address)
        VALUES ($hash, $operator, $stamp, $kind, $created, $used, $expires, $address)
        """;

    public static void Save(DbConnection connection, Operator person) => connection.Execute(
        SaveSql,
        ("$name", person.Name),
        ("$identity", person.Identity),
        ("$roles", string.Join(' ', RoleText.Of(person.Roles))),
        ("$hash", person.PasswordHash),
        ("$stamp", person.Stamp),
        ("$created", person.Created),
        ("$invitation", person.Invitation?.SecretHash),
        ("$until", person.Invitation?.Expires));

    public static void Save(DbConnection connection, OperatorSession session) => connection.Execute(
        SaveSessionSql,
        ("$hash", session.TokenHash),
        ("$operator", session.Operator),
        ("$stamp", session.Stamp),
        ("$kind", session.Kind == SessionKind.Page ? "page" : "cli"),
        ("$created", session.Created),
        ("$used", session.LastUsed),
        ("$expires", session.Expires),
        ("$address", session.Address));

    public static ImmutableArray<Operator> Load(DbConnection connection) =>
    [
        .. connection.Rows("SELECT name, identity, roles, password_hash, stamp, created, invitation_hash, invitation_expires, since FROM operators LEFT JOIN operator_factors ON operator = name ORDER BY name", static row => new Operator
        {
            Name = row.GetString(0),
            Identity = row.Text(1),
            Roles = ParseRoles(row.GetString(2)),
            PasswordHash = row.GetString(3),
            Stamp = row.GetString(4),
            Created = row.Time(5)!.Value,
            Invitation = row.Text(6) is { } hash ? new Invitation(hash, row.Time(7)!.Value) : null,
            FactorSince = row.Time(8),
        }),
    ];

    public static List<OperatorSession> Sessions(DbConnection connection) => connection.Rows(
        "SELECT token_hash, operator, stamp, kind, created, last_used, expires, address FROM operator_sessions ORDER BY token_hash",
        static row => new OperatorSession(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3) == "page" ? SessionKind.Page : SessionKind.Cli,
            row.Time(4)!.Value,
            row.Time(5)!.Value,
            row.Time(6)!.Value,
            row.Text(7)));

    /// <summary>A role that this program does not know is an error of the store, not a role less.</summary>
    private static Roles ParseRoles(string text) =>
        RoleText.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var unknown) ?? throw new FormatException($"an operator has the role `{unknown}`, which is unknown");
}
