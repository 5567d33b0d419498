using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Grants;

/// <summary>Who is calling, or why that is not known. Every answer to a failure is the same on the wire; the code is for the record.</summary>
public readonly record struct Caller(Grant? Grant, string? FailureCode, string? GrantId = null);

/// <summary>Reads the bearer token of a request. Nothing else in the gateway reads a grant's token, and no other header or query does.</summary>
public static class TokenReader
{
    public const int MaxTokenLength = 512;

    private const string Missing = "grant.missing";
    private const string Unknown = "grant.unknown";

    /// <summary>
    /// A connection that sends the same header again has the very same string for it: its hash is kept as long as that string
    /// lives. It is found by reference, so no token is compared with another. Only tokens of grants come in: a flood of
    /// others would fill it.
    /// </summary>
    private static readonly ConditionalWeakTable<string, string> Hashes = [];

    /// <summary>Finds the grant of an <c>Authorization</c> header. Several headers, another scheme or an odd token are no grant.</summary>
    public static Caller Identify(IReadOnlyList<string?> authorization, Snapshot now, DateTimeOffset instant)
    {
        if (authorization.Count == 0)
        {
            return new Caller(null, Missing);
        }

        if (authorization.Count > 1 || authorization[0] is not { } header || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return new Caller(null, Unknown);
        }

        var token = header.AsSpan("Bearer ".Length).Trim(' ');
        if (token.IsEmpty || token.Length > MaxTokenLength)
        {
            return new Caller(null, Unknown);
        }

        var isKept = Hashes.TryGetValue(header, out var hash);
        hash ??= HashOf(token);
        if (!now.GrantsByTokenHash.TryGetValue(hash, out var grant) || !SameHash(hash, grant.TokenHash))
        {
            return new Caller(null, Unknown);
        }

        if (!isKept)
        {
            Hashes.AddOrUpdate(header, hash);
        }

        if (grant.Revoked is not null)
        {
            return new Caller(null, "grant.revoked", grant.Id);
        }

        return grant.Expires <= instant ? new Caller(null, "grant.expired", grant.Id) : new Caller(grant, null, grant.Id);
    }

    /// <summary>SHA-256 of the token's UTF-8 bytes, lower-case hex: the only form in which a token is kept.</summary>
    public static string HashOf(ReadOnlySpan<char> token)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(MaxTokenLength)];
        var length = Encoding.UTF8.GetBytes(token, utf8);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], hash);
        return Convert.ToHexStringLower(hash);
    }

    private static bool SameHash(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(left), Encoding.ASCII.GetBytes(right));
}
