using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Operators;

/// <summary>What an operator has beside the password: a device that shows codes.</summary>
/// <param name="Secret">What the device has too. The store seals it, and nobody is shown it again.</param>
/// <param name="UsedStep">The last time step whose code was used: none up to it is taken again.</param>
public sealed record SecondFactor(byte[] Secret, long UsedStep, DateTimeOffset Since);

/// <summary>A second factor that is being set up: its secret, to be put into a device.</summary>
/// <param name="Replaces">Since when the one holds whose code was shown for it; null where there was none. It takes the place of no other.</param>
public sealed record Enrolment(string Operator, byte[] Secret, DateTimeOffset? Replaces = null)
{
    internal static Enrolment New(Operator person) => new(person.Name, TimeCodes.NewSecret(), person.FactorSince);

    /// <summary>As it is typed.</summary>
    public string Text => TimeCodes.Base32(Secret);

    /// <summary>What a device reads from a picture.</summary>
    /// <param name="host">Of the gate, so that a device with several tells them apart.</param>
    public string AddressAt(string host)
    {
        var issuer = Uri.EscapeDataString($"Callgate {host}");
        return $"otpauth://totp/{issuer}:{Uri.EscapeDataString(Operator)}?secret={Text}&issuer={issuer}&algorithm=SHA1&digits=6&period=30";
    }
}

/// <summary>Codes for whoever has lost the device, each for one sign-in.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;

    private const int Letters = 16;

    /// <summary>31 letters: 79 bits in a code, so that its plain hash tells nothing.</summary>
    private const string Alphabet = "23456789abcdefghjkmnpqrstuvwxyz";

    public static IReadOnlyList<string> New() =>
        [.. Enumerable.Range(0, Count).Select(static _ => RandomNumberGenerator.GetString(Alphabet, Letters)).Select(static code => string.Join('-', code.Chunk(4).Select(static part => new string(part))))];

    /// <summary>Null when the text is no such code, however it is spaced.</summary>
    public static string? HashOf(string name, string typed)
    {
        var code = typed.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        return code.Length == Letters ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\n{code}"))) : null;
    }
}
