using System.Data.Common;
using System.Text;
using Callgate.Gateway.Operators;

namespace Callgate.Gateway.Storage;

/// <summary>Second factors of operators as rows.</summary>
internal static class FactorRows
{
    public static void Save(DbConnection connection, string name, (SecondFactor Factor, IReadOnlyList<string> RecoveryHashes) given, Sealer sealer)
    {
        // Recovery codes of an earlier one go with it.
        connection.Execute("DELETE FROM operator_factors WHERE operator = $name", ("$name", name));
        connection.Execute(
            "INSERT INTO operator_factors (operator, secret, used_step, since) VALUES ($name, $secret, $step, $since)",
            ("$name", name),
            ("$secret", sealer.Seal(given.Factor.Secret, Place(name))),
            ("$step", given.Factor.UsedStep),
            ("$since", given.Factor.Since));
        foreach (var hash in given.RecoveryHashes)
        {
            connection.Execute("INSERT INTO operator_recovery_codes (operator, hash) VALUES ($name, $hash)", ("$name", name), ("$hash", hash));
        }
    }

    public static SecondFactor? Find(DbConnection connection, string name, Sealer sealer) => connection.Rows(
        "SELECT secret, used_step, since FROM operator_factors WHERE operator = $name",
        row => new SecondFactor(
            sealer.TryOpen(row.GetString(0), Place(name), out var secret) ? secret : throw new StoreException($"the second factor of `{name}` does not open; reset it, or restore the store from a backup"),
            row.GetInt64(1),
            row.Time(2)!.Value),
        ("$name", name)).FirstOrDefault();

    /// <summary>How many are left, or null when there is none with this hash.</summary>
    public static int? UseRecoveryCode(DbConnection connection, string name, string hash) =>
        connection.Execute("DELETE FROM operator_recovery_codes WHERE operator = $name AND hash = $hash", ("$name", name), ("$hash", hash)) > 0 ? CountRecoveryCodes(connection, name) : null;

    public static int CountRecoveryCodes(DbConnection connection, string name) =>
        (int)(long)connection.Scalar("SELECT count(*) FROM operator_recovery_codes WHERE operator = $name", ("$name", name))!;

    /// <summary>Bound to the name, so that one person's device cannot be moved to another row.</summary>
    private static byte[] Place(string name) => Encoding.UTF8.GetBytes("second factor/" + name);
}
