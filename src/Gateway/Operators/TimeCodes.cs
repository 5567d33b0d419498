using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Codes that change with the time: TOTP (RFC 6238) over HMAC-SHA-1, six digits every 30 s, which is what every authenticator
/// takes without being told.
/// </summary>
internal static class TimeCodes
{
    /// <summary>As long as the hash, as RFC 4226 recommends.</summary>
    private const int SecretBytes = 20;

    private const int Seconds = 30;

    /// <summary>How many steps the clock of a device may be off, either way.</summary>
    private const int Window = 1;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / Seconds;

    public static string CodeAt(byte[] secret, long step) => (Truncated(secret, step) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>The step whose code this is, around now and behind one that was used; null for none. Each is compared in fixed time.</summary>
    public static long? Match(byte[] secret, string code, DateTimeOffset now, long used)
    {
        var (given, around) = (Encoding.UTF8.GetBytes(code), StepAt(now));
        long? found = null;
        for (var step = around - Window; step <= around + Window; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CodeAt(secret, step)), given) && step > used)
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>The dynamic truncation of RFC 4226: 31 bits, whose last digits are the code.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 as every authenticator speaks it; HMAC does not rest on collisions of its hash")]
    public static int Truncated(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, mac);
        return BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0x0F)..]) & 0x7FFF_FFFF;
    }

    /// <summary>RFC 4648 without padding, as it is typed into a device.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (bits, held) = (0, 0);
        foreach (var one in bytes)
        {
            (bits, held) = ((bits << 8) | one, held + 8);
            while (held >= 5)
            {
                text.Append(Alphabet[(bits >> (held -= 5)) & 31]);
            }

            bits &= (1 << held) - 1;
        }

        return held == 0 ? text.ToString() : text.Append(Alphabet[(bits << (5 - held)) & 31]).ToString();
    }
}
