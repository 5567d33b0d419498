using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Callgate.Policy.Judging;

/// <summary>
/// The host of an absolute URL, read so strictly that no other reader can find another host in it (policy language,
/// <c>host_in</c>). What a browser or a library would mend is not mended here: it is not to be known.
/// </summary>
internal static class WebAddress
{
    private const int LongestHost = 253;
    private const int LongestLabel = 63;
    private const int HighestPort = 65_535;
    private const int SixGroups = 8;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> EndOfAuthority = SearchValues.Create("/?#");

    /// <summary>The host in lower case, without port and trailing dot; null for everything that is not plainly such an address.</summary>
    public static string? HostOf(string url, ImmutableArray<string> schemes)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !IsPlain(url) || !schemes.Contains(url[..colon].ToLowerInvariant()) || !url.AsSpan(colon).StartsWith("://"))
        {
            return null;
        }

        var rest = url.AsSpan(colon + 3);
        var end = rest.IndexOfAny(EndOfAuthority);
        if (end >= 0 && rest[end] != '/')
        {
            // Readers differ on where the host ends without a slash.
            return null;
        }

        var authority = end < 0 ? rest : rest[..end];
        var port = authority.LastIndexOf(':');
        if (port > authority.LastIndexOf(']'))
        {
            if (!IsPort(authority[(port + 1)..]))
            {
                return null;
            }

            authority = authority[..port];
        }

        return Host(authority);
    }

    /// <summary>A host as it stands in an address or in a document; null when it is none.</summary>
    public static string? Host(ReadOnlySpan<char> text)
    {
        if (text is ['[', .. var six, ']'])
        {
            return IsSix(six) && IsShortest(six) ? text.ToString().ToLowerInvariant() : null;
        }

        var name = text is [.. var before, '.'] ? before : text;
        if (name.Length is 0 or > LongestHost)
        {
            return null;
        }

        var last = name[(name.LastIndexOf('.') + 1)..];
        foreach (var range in name.Split('.'))
        {
            if (!IsLabel(name[range]))
            {
                return null;
            }
        }

        return !IsNumeric(last) || IsQuad(name) ? name.ToString().ToLowerInvariant() : null;
    }

    /// <summary>Printable ASCII without white space and backslash; user-info ends the reading as its @ is no part of a host.</summary>
    private static bool IsPlain(string url)
    {
        foreach (var unit in url)
        {
            if (unit is <= ' ' or > '~' or '\\')
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length is >= 1 and <= 5 && !text.ContainsAnyExceptInRange('0', '9') && int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) <= HighestPort;

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        foreach (var unit in label)
        {
            if (!char.IsAsciiLetterOrDigit(unit) && unit != '-')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>RFC 3986, <c>IPv6address</c>: no zone, and no other shorthand than one <c>::</c>. A dotted quad is another spelling of two groups.</summary>
    private static bool IsSix(ReadOnlySpan<char> text)
    {
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
        {
            return Groups(text) == SixGroups;
        }

        var left = text[..gap];
        var right = text[(gap + 2)..];
        var before = left.IsEmpty ? 0 : Groups(left);
        var after = right.IsEmpty ? 0 : Groups(right);
        return before >= 0 && after >= 0 && before + after < SixGroups;
    }

    /// <summary>RFC 5952: one address has one spelling, or a list that names another misses it.</summary>
    private static bool IsShortest(ReadOnlySpan<char> text) =>
        IPAddress.TryParse(text, out var address) && text.Equals(address.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>How many groups the text has; -1 when it has something else.</summary>
    private static int Groups(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var range in text.Split(':'))
        {
            var group = text[range];
            if (group.Length is 0 or > 4 || group.ContainsAnyExcept(HexDigits))
            {
                return -1;
            }

            count++;
        }

        return count;
    }

    /// <summary>Many readers take a name that ends in such a label for an address in numbers: <c>127.1</c>, <c>0x7f000001</c>.</summary>
    private static bool IsNumeric(ReadOnlySpan<char> label) =>
        !label.ContainsAnyExceptInRange('0', '9') || label.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static bool IsQuad(ReadOnlySpan<char> name)
    {
        var count = 0;
        foreach (var range in name.Split('.'))
        {
            var part = name[range];
            count++;
            if (part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || (part.Length > 1 && part[0] == '0')
                || int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture) > 255)
            {
                return false;
            }
        }

        return count == 4;
    }
}

/// <summary>An entry of <c>host_in</c>: one host, or with <c>*.</c> its subdomains.</summary>
internal sealed record HostPattern(string Host, bool Subdomains)
{
    private const string Wildcard = "*.";

    public static HostPattern? Parse(string text)
    {
        var isWild = text.StartsWith(Wildcard, StringComparison.Ordinal);
        return WebAddress.Host(isWild ? text.AsSpan(Wildcard.Length) : text) is { } host && !text.EndsWith('.') && !(isWild && host.StartsWith('['))
            ? new HostPattern(host, isWild)
            : null;
    }

    public bool Matches(string host) => Subdomains
        ? host.Length > Host.Length + 1 && host.EndsWith(Host, StringComparison.Ordinal) && host[^(Host.Length + 1)] == '.'
        : string.Equals(host, Host, StringComparison.Ordinal);
}
