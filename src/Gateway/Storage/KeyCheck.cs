using System.Data.Common;
using System.Security.Cryptography;

namespace Callgate.Gateway.Storage;

/// <summary>A sealed value in the store shows whether the operator key is the one that sealed the rest.</summary>
internal static class KeyCheck
{
    private const string Name = "key_check";

    /// <exception cref="StoreException">The store was sealed with another key.</exception>
    public static void Verify(DbConnection connection, string path, Sealer sealer)
    {
        var stored = connection.Scalar("SELECT value FROM meta WHERE key = $key", ("$key", Name)) as string;
        if (stored is null)
        {
            connection.Execute(
                "INSERT INTO meta (key, value) VALUES ($key, $value)",
                ("$key", Name),
                ("$value", sealer.Seal(RandomNumberGenerator.GetBytes(16), "key_check"u8)));
            return;
        }

        if (!sealer.TryOpen(stored, "key_check"u8, out _))
        {
            throw new StoreException($"the configuration store `{path}` was sealed with another `{Keyring.OperatorKeyName}`; put back the key file that belongs to it");
        }
    }
}
