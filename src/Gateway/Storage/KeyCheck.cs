using System.Data.Common;
using System.Security.Cryptography;

namespace Callgate.Gateway.Storage;

/// <summary>A sealed value in the store shows whether the operator key is the one that sealed the rest.</summary>
internal static class KeyCheck
{
    private const string Name = "key_check";

    public static void Write(DbConnection connection, Sealer sealer) => connection.Execute(
        "INSERT INTO meta (key, value) VALUES ($key, $value)",
        ("$key", Name),
        ("$value", sealer.Seal(RandomNumberGenerator.GetBytes(16), "key_check"u8)));

    /// <exception cref="StoreException">The store was sealed with another key, or nothing says with which.</exception>
    public static void Verify(DbConnection connection, string path, Sealer sealer)
    {
        var text = connection.Scalar("SELECT value FROM meta WHERE key = $key", ("$key", Name)) as string;
        if (text is null || !sealer.TryOpen(text, "key_check"u8, out _))
        {
            throw new StoreException($"the configuration store `{path}` was sealed with another `{Keyring.OperatorKeyName}`; put back the key file that belongs to it");
        }
    }
}
