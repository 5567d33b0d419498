using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Operators;

/// <summary>A link with which a person chooses a password, once.</summary>
/// <param name="SecretHash">SHA-256 of the secret in the link, lower-case hex. The secret itself is stored nowhere.</param>
public sealed record Invitation(string SecretHash, DateTimeOffset Expires)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>43 characters that need no escape in an address: 256 random bits.</summary>
    private const int SecretBytes = 32;

    public static (string Secret, Invitation Invitation) New(DateTimeOffset now)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (secret, new Invitation(HashOf(secret), now + Life));
    }

    /// <summary>Whether this is the secret and the link still holds. Compared in fixed time.</summary>
    public bool Fits(string secret, DateTimeOffset now) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(HashOf(secret)), Encoding.ASCII.GetBytes(SecretHash)) && now < Expires;

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
