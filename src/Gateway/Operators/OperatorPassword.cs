using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Callgate.Gateway.Operators;

/// <summary>Passwords as PBKDF2 with HMAC-SHA-512, by the framework's own hasher.</summary>
public static class OperatorPassword
{
    public const string Rule = "a password has 12 to 256 characters";

    /// <summary>What OWASP recommends for this function: a tenth of a second or so.</summary>
    private const int Iterations = 210_000;

    private const string Alphabet = "23456789abcdefghjkmnpqrstuvwxyz";

    private static readonly PasswordHasher<Operator> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));

    /// <summary>Takes as long to verify as the hash of an operator, and no password fits it.</summary>
    internal static string Nobodys { get; } = Unfitting();

    public static bool IsPassword(string text) => text.Length is >= 12 and <= 256;

    /// <summary>24 characters, some 118 bits.</summary>
    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, 24);

    public static string Hash(string password) => Hasher.HashPassword(null!, password);

    /// <summary>Hashes in any case, so that the duration does not tell whether there is such an operator.</summary>
    public static bool Fits(Operator? candidate, string password)
    {
        var sized = password.Length <= 256 ? password : password[..256];
        var verdict = Hasher.VerifyHashedPassword(null!, candidate is { HasPassword: true } ? candidate.PasswordHash : Nobodys, sized);
        return candidate is not null && sized.Length == password.Length && verdict != PasswordVerificationResult.Failed;
    }

    /// <summary>The hasher's own form (version, function, iterations, length of salt, salt, key) with a key that is random.</summary>
    private static string Unfitting()
    {
        var hash = RandomNumberGenerator.GetBytes(13 + 16 + 32);
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), 2);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), Iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), 16);
        return Convert.ToBase64String(hash);
    }
}
