using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Configuration;

/// <summary>Tokens of grants and of the administrator: 256 random bits, kept as SHA-256 only.</summary>
public static class GrantToken
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>A fresh id of ten characters: 50 random bits, safe in any text.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(Alphabet, 10);

    /// <summary><c>cg_</c>, the id, <c>_</c> and 256 random bits. The id lets an operator find the grant of a token that leaked.</summary>
    public static string New(string id) => $"cg_{id}_{Secret()}";

    /// <summary>256 random bits, base64url.</summary>
    public static string Secret()
    {
        Span<byte> random = stackalloc byte[32];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }

    /// <summary>SHA-256 of the UTF-8 text, lower-case hex.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
