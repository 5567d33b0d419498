using System.Globalization;

namespace Callgate.Gateway.Configuration;

/// <summary>Times and sizes as operators write them, in the file, the API and the CLI alike.</summary>
public static class Quantity
{
    private static readonly string[] InstantFormats =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>A whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>; null for anything else, and for zero.</summary>
    public static TimeSpan? TryDuration(string text)
    {
        var (number, unit) = Split(text);
        long? milliseconds = unit switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => null,
        };
        return number is > 0 and <= 1_000_000_000 && milliseconds is { } factor && number.Value <= 315_360_000_000_000 / factor
            ? TimeSpan.FromMilliseconds(number.Value * factor)
            : null;
    }

    /// <summary>A whole number and <c>B</c>, <c>KB</c>, <c>MB</c>, <c>GB</c>, <c>TB</c> (powers of 1000) or <c>KiB</c> … <c>TiB</c> (powers of 1024), in bytes.</summary>
    public static long? TrySize(string text)
    {
        var (number, unit) = Split(text);
        long? factor = unit switch
        {
            "B" => 1,
            "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            "TiB" => 1L << 40,
            _ => null,
        };
        return number is > 0 && factor is { } size && number.Value <= long.MaxValue / size ? number.Value * size : null;
    }

    /// <summary>An instant of RFC 3339 with its offset (<c>Z</c> or <c>+02:00</c>); without one it is refused, since it would mean another time on another machine.</summary>
    public static DateTimeOffset? TryInstant(string text)
    {
        var zoned = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        return zoned && DateTimeOffset.TryParseExact(text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value)
            ? value.ToUniversalTime()
            : null;
    }

    public static string Show(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static (long? Number, string Unit) Split(string text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        return digits is 0 or > 18
            ? (null, string.Empty)
            : (long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture), text[digits..]);
    }
}
