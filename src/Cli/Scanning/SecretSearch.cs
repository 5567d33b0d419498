using System.Text;
using System.Text.RegularExpressions;

namespace Callgate.Cli.Scanning;

/// <summary>A stretch of a text that is a secret.</summary>
/// <param name="What">Its kind, as <c>a GitHub token</c>.</param>
internal readonly record struct SecretSpan(int Start, int Length, string What, Severity Severity)
{
    public int End => Start + Length;
}

/// <summary>
/// Finds secrets in the values of a configuration: by their shape, by the name they stand under, and in addresses. It takes
/// something for a secret too often rather than too seldom, since what it finds is what is not printed.
/// </summary>
internal static partial class SecretSearch
{
    private const int MostShown = 4;
    private const int ShortestShown = 12;
    private const int LongestRead = 256 * 1024;

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "key", "apikey", "token", "authtoken", "accesstoken", "accesskey", "secretkey", "auth", "authorization", "cookie", "credential", "credentials",
        "pat", "dsn", "bearer", "sig", "signature", "session", "sessionid", "jwt",
    };

    /// <summary>Under such a name even a short word is meant to be secret.</summary>
    private static readonly HashSet<string> StrongWords = new(StringComparer.Ordinal) { "password", "passwd", "pwd", "pass", "passphrase", "secret", "authorization" };

    /// <summary>The secrets in a value, in order and apart from each other.</summary>
    /// <param name="name">The name the value stands under; empty for none.</param>
    public static IReadOnlyList<SecretSpan> In(string name, string value)
    {
        var text = value.Length > LongestRead ? value[..LongestRead] : value;
        var found = SecretShapes.In(text).Concat(InAddresses(text)).Concat(InPairs(text)).Concat(Random(text));
        return Apart(name.Length > 0 ? found.Concat(Named(name, text, 0)) : found);
    }

    /// <summary>The text with each secret cut down to its first characters.</summary>
    public static string Masked(string text, IReadOnlyList<SecretSpan> secrets)
    {
        var masked = new StringBuilder();
        var at = 0;
        foreach (var secret in secrets)
        {
            masked.Append(text, at, secret.Start - at).Append(Beginning(text.Substring(secret.Start, secret.Length)));
            at = secret.End;
        }

        return masked.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Enough of a secret for its owner to know it again, and nothing of a short one.</summary>
    public static string Beginning(string secret) => secret.Length >= ShortestShown ? secret[..MostShown] + "…" : "…";

    public static bool IsSecretName(string name) => WordsOf(name).Any(static word => Words.Contains(word) || StrongWords.Contains(word));

    private static IEnumerable<SecretSpan> Named(string name, string value, int start)
    {
        var words = WordsOf(name);
        var strong = words.Any(StrongWords.Contains);
        var scheme = Scheme().Match(value).Length;
        var secret = value[scheme..].Trim();
        if ((strong || words.Any(Words.Contains)) && IsPlausible(secret, strong))
        {
            yield return new SecretSpan(start + value.IndexOf(secret, scheme, StringComparison.Ordinal), secret.Length, "a value that looks secret", Severity.High);
        }
    }

    private static bool IsPlausible(string value, bool strong)
    {
        if (value.Length < (strong ? 4 : 12) || Placeholder().IsMatch(value) || Pathlike().IsMatch(value) || bool.TryParse(value, out _))
        {
            return false;
        }

        return strong || (Entropy(value) >= 2.5 && (value.Any(char.IsAsciiDigit) || value.Length >= 20));
    }

    private static IEnumerable<SecretSpan> InAddresses(string text)
    {
        foreach (Match match in Credentials().Matches(text))
        {
            if (!Placeholder().IsMatch(match.Groups[1].Value))
            {
                yield return new SecretSpan(match.Groups[1].Index, match.Groups[1].Length, "a password in an address", Severity.High);
            }
        }

        foreach (Match match in Query().Matches(text))
        {
            foreach (var secret in Named(match.Groups[1].Value, match.Groups[2].Value, match.Groups[2].Index))
            {
                yield return secret with { What = "a secret in the query of an address" };
            }
        }
    }

    /// <summary><c>NAME=value</c>, <c>--name=value</c> and <c>Name: value</c> inside a text.</summary>
    private static IEnumerable<SecretSpan> InPairs(string text) =>
        Pair().Matches(text).Concat(Header().Matches(text)).SelectMany(static match => Named(match.Groups[1].Value, match.Groups[2].Value, match.Groups[2].Index));

    private static IEnumerable<SecretSpan> Random(string text) =>
        RandomWord().Matches(text).Where(static match => IsRandom(match.Value)).Select(static match => new SecretSpan(match.Index, match.Length, "something that looks like a key", Severity.Medium));

    private static bool IsRandom(string word)
    {
        var (upper, lower, digit) = (word.Any(char.IsAsciiLetterUpper), word.Any(char.IsAsciiLetterLower), word.Any(char.IsAsciiDigit));
        return digit && ((upper && lower && Entropy(word) >= 3.7) || (word.Length >= 32 && word.All(char.IsAsciiHexDigit) && Entropy(word) >= 3));
    }

    private static double Entropy(string text) => text.GroupBy(static c => c).Sum(group =>
    {
        var share = (double)group.Count() / text.Length;
        return -share * Math.Log2(share);
    });

    private static List<string> WordsOf(string name) => [.. Word().Matches(name).Select(static match => match.Value.ToLowerInvariant())];

    private static List<SecretSpan> Apart(IEnumerable<SecretSpan> found)
    {
        var apart = new List<SecretSpan>();
        foreach (var secret in found.OrderBy(static one => one.Start).ThenByDescending(static one => one.Severity))
        {
            if (apart.Count == 0 || secret.Start >= apart[^1].End)
            {
                apart.Add(secret);
                continue;
            }

            // What overlaps is one secret of the worse kind, as long as both together.
            var last = apart[^1];
            var worse = secret.Severity > last.Severity ? secret : last;
            apart[^1] = worse with { Start = last.Start, Length = Math.Max(last.End, secret.End) - last.Start };
        }

        return apart;
    }

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\s*(?:Bearer|Basic|Token|ApiKey)\s+", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    /// <summary>References to something kept elsewhere, and the words that documentation puts in a secret's place.</summary>
    [GeneratedRegex(@"^(?:\$\{[^}]*\}|\$[A-Za-z_]\w*|%\w+%|\{\{?[^}]*\}?\}|<[^>]*>|\[[^\]]*\]|[x*.•]+|(?:your|enter|insert|put|change)[-_ ]?[a-z_\- ]*|.*(?:changeme|placeholder|redacted).*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^(?:[~.]?/|[A-Za-z]:\\)|://")]
    private static partial Regex Pathlike();

    [GeneratedRegex(@"://[^/\s:@?#]*:([^@/\s]+)@")]
    private static partial Regex Credentials();

    [GeneratedRegex(@"[?&]([^=&#\s]+)=([^&#\s]+)")]
    private static partial Regex Query();

    [GeneratedRegex(@"(?<![\w?&])-{0,2}([A-Za-z][\w\-.]*)=([^\s""']+)")]
    private static partial Regex Pair();

    [GeneratedRegex(@"(?:^|[\s""'])([A-Za-z][\w\-]*):\s*([^\s""'/][^""']*)")]
    private static partial Regex Header();

    /// <summary>Not after <c>@</c>, <c>#</c> and <c>sha256:</c>, where revisions and digests stand.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9_\-+=@#]|sha256:|\$\{)[A-Za-z0-9_\-+=]{24,}")]
    private static partial Regex RandomWord();
}
