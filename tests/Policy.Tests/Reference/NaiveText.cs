using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Callgate.Policy.Tests.Reference;

/// <summary>
/// Numbers, globs, paths and URLs, in the plainest form. A number is a whole number of 10^-56, which every exact one is
/// whichever way its exponent is counted.
/// </summary>
internal static class NaiveText
{
    private const int Places = 56;

    public static BigInteger One { get; } = BigInteger.Pow(10, Places);

    public static BigInteger? Number(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Number } number && number.GetRawText().Length <= 256 ? Number(number.GetRawText()) : null;

    /// <summary>
    /// The number, or null where it is not exact: digits without the zeros at both ends are the significant ones, and the
    /// exponent is that of the last of them.
    /// </summary>
    public static BigInteger? Number(string text)
    {
        var parts = Regex.Match(text, @"\A(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\z");
        var digits = (parts.Groups[2].Value + parts.Groups[3].Value).TrimStart('0');
        var exponent = (parts.Groups[4].Success ? BigInteger.Parse(parts.Groups[4].Value, CultureInfo.InvariantCulture) : 0)
            - parts.Groups[3].Length + digits.Length - digits.TrimEnd('0').Length;
        digits = digits.TrimEnd('0');
        if (digits == "") return BigInteger.Zero;
        if (digits.Length > 28 || BigInteger.Abs(exponent) > 28) return null;
        var size = BigInteger.Parse(digits, CultureInfo.InvariantCulture) * BigInteger.Pow(10, (int)exponent + Places);
        return parts.Groups[1].Value == "-" ? -size : size;
    }

    /// <summary>Plain decimal text: no exponent, no zeros at the end of a fraction.</summary>
    public static string Plain(BigInteger number)
    {
        var digits = BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture).PadLeft(Places + 1, '0');
        return ((number.Sign < 0 ? "-" : "") + digits[..^Places] + "." + digits[^Places..]).TrimEnd('0').TrimEnd('.');
    }

    /// <summary>Whether an amount can be charged: at most 28 places and, with no more than 28 digits, 96 bits.</summary>
    public static bool FitsDecimal(BigInteger number) =>
        (number % BigInteger.Pow(10, Places - 28)).IsZero && number < One * BigInteger.Pow(2, 96);

    public static List<int> CodePoints(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value)];

    /// <summary>Follows all the places of the text where the pattern read so far can end.</summary>
    public static bool Globs(string pattern, string text)
    {
        var (left, right) = (CodePoints(pattern), CodePoints(text));
        HashSet<int> ends = [0];
        for (var at = 0; at < left.Count; at++)
        {
            if (left[at] == '*')
            {
                ends = ends.Count == 0 ? ends : [.. Enumerable.Range(ends.Min(), right.Count - ends.Min() + 1)];
                continue;
            }

            var any = left[at] == '?';
            if (left[at] == '\\') at++;
            ends = [.. ends.Where(end => end < right.Count && (any || right[end] == left[at])).Select(end => end + 1)];
        }

        return ends.Contains(right.Count);
    }

    /// <summary>The parts of an absolute path, resolved; null where it cannot be told.</summary>
    public static List<string>? PathParts(string path)
    {
        if (!path.StartsWith('/') || Regex.IsMatch(path, @"[\0\\]|%[0-9A-Fa-f]{2}")) return null;
        var parts = new List<string>();
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return parts;
    }

    /// <summary>The host of an absolute URL in lower case and without its last dot; null where it cannot be told.</summary>
    public static string? HostOf(string url, IEnumerable<string> schemes)
    {
        var parts = Regex.Match(url, @"\A([A-Za-z][A-Za-z0-9+.-]*)://(\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?(?:/[\x21-\x5B\x5D-\x7E]*)?\z");
        if (!parts.Success || !schemes.Contains(parts.Groups[1].Value.ToLowerInvariant())) return null;
        if (parts.Groups[3].Success && BigInteger.Parse(parts.Groups[3].Value, CultureInfo.InvariantCulture) > 65_535) return null;
        var host = parts.Groups[2].Value.ToLowerInvariant();
        host = host.EndsWith('.') ? host[..^1] : host;
        return IsHost(host) ? host : null;
    }

    /// <summary>A name or an address in lower case.</summary>
    public static bool IsHost(string host) => host.StartsWith('[')
        ? host.EndsWith(']') && IsAddress(host[1..^1]) && !host.Contains('.') && IPAddress.Parse(host[1..^1]).ToString() == host[1..^1]
        : host.Length <= 253 && host.Split('.').All(label => Regex.IsMatch(label, @"\A(?!-)[a-z0-9-]{1,63}(?<!-)\z")) && !LooksNumeric(host);

    /// <summary>Ends in a number without being a dotted quad: other readers would find an address in it.</summary>
    private static bool LooksNumeric(string host) => Regex.IsMatch(host, @"(\A|\.)(\d+|0x[a-z0-9-]*)\z")
        && !Regex.IsMatch(host, @"\A((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!\z)|\z)){4}\z");

    /// <summary>RFC 3986, section 3.2.2: eight groups, or fewer around one <c>::</c>; the last two may be a dotted quad.</summary>
    private static bool IsAddress(string address)
    {
        var quad = Regex.Match(address, @"(?<=:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\z");
        if (quad.Success)
        {
            var bytes = quad.Groups.Values.Skip(1).Select(part => part.Value);
            if (bytes.Any(part => int.Parse(part, CultureInfo.InvariantCulture) > 255 || (part.Length > 1 && part[0] == '0'))) return false;
            address = address[..quad.Index] + "0:0";
        }

        var halves = address.Split("::");
        var groups = halves.Where(half => half != "").SelectMany(half => half.Split(':')).ToArray();
        return groups.All(group => Regex.IsMatch(group, @"\A[0-9a-f]{1,4}\z"))
            && (halves.Length == 1 ? groups.Length == 8 : halves.Length == 2 && groups.Length <= 7);
    }
}
