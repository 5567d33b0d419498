using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// Names of servers and tools as parts of an address. Most names are their own part, escaped. What an address cannot hold, or
/// what a proxy or browser would read otherwise, has a part of another form: <c>~</c> and the name in base64url; and where that
/// would be too long, <c>~~</c> and the SHA-256 of the name.
/// </summary>
public static class CataloguePath
{
    private const char Mark = '~';

    private const string Twin = ".md";

    /// <summary>Servers and proxies bear a request line of 8 KB; a link has room in less.</summary>
    private const int LongestPart = 600;

    /// <summary>In bytes of UTF-8: what is shorter is spelled, plainly or in base64url.</summary>
    public const int ShortestDigested = LongestPart / 4 * 3;

    /// <summary>The part of a path that leads to the name.</summary>
    public static string PartOf(string name)
    {
        if (IsPlain(name))
        {
            var escaped = Uri.EscapeDataString(name);
            if (escaped.Length <= LongestPart)
            {
                return escaped;
            }
        }

        var spelled = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));
        return spelled.Length <= LongestPart ? Mark + spelled : $"{Mark}{Mark}{DigestOf(name)}";
    }

    /// <summary>The name in a part of a path: a slash in it comes escaped, and the server below leaves that so.</summary>
    public static string NameIn(string part)
    {
        if (part is [Mark, not Mark, ..] && Spelled(part.AsSpan(1)) is { } name && PartOf(name) == part)
        {
            return name;
        }

        return part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Names with the same digest as this part have their page there; null for a part that spells its name.</summary>
    public static string? DigestIn(string part) => part is [Mark, Mark, ..] && part.Length == 2 + (2 * SHA256.HashSizeInBytes) ? part[2..] : null;

    /// <summary>SHA-256 of the name in UTF-8, lower-case hex.</summary>
    public static string DigestOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>
    /// No control character, which no address holds; no dots alone, which lead to another place; no <c>%2F</c> spelled out, which
    /// would become a slash; not the end of our own twins, nor the beginning of our own marks.
    /// </summary>
    private static bool IsPlain(string name) =>
        name.Length > 0 && name is not ("." or "..") && name[0] != Mark
        && !name.EndsWith(Twin, StringComparison.Ordinal)
        && !name.Contains("%2F", StringComparison.OrdinalIgnoreCase)
        && !name.Contains('\\', StringComparison.Ordinal)
        && !name.Any(static unit => char.IsControl(unit) || char.IsWhiteSpace(unit) && unit != ' ')
        && name.Trim(' ').Length == name.Length;

    private static string? Spelled(ReadOnlySpan<char> text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(text));
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
