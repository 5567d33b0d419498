using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue;

/// <summary>What a definition holds that a definition has no need of.</summary>
public enum DefinitionFindingKind
{
    /// <summary>Text that speaks to the model instead of describing the tool (security study, B01 and B02).</summary>
    Instruction,

    /// <summary>Characters that are not seen, turn text around or move a terminal's cursor (B11).</summary>
    HiddenCharacters,

    /// <summary>Markup that a page or a chat would follow: comments, script, links that run.</summary>
    Markup,

    /// <summary>A file or a variable that holds secrets is named.</summary>
    SecretPlace,

    /// <summary>Text far longer than a description is.</summary>
    Overlong,

    /// <summary>Another tool has the same name to the eye.</summary>
    LookAlike,
}

/// <summary>One finding, with the words that made it.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Evidence">Where it stands; the text is cut and its hidden characters are left out.</param>
public sealed record DefinitionFinding(DefinitionFindingKind Kind, ClassificationEvidence Evidence)
{
    /// <summary>The stable name of the kind: lower case with dashes, such as <c>hidden-characters</c>.</summary>
    public string Id => Kind switch
    {
        DefinitionFindingKind.Instruction => "instruction",
        DefinitionFindingKind.HiddenCharacters => "hidden-characters",
        DefinitionFindingKind.Markup => "markup",
        DefinitionFindingKind.SecretPlace => "secret-place",
        DefinitionFindingKind.Overlong => "overlong",
        _ => "look-alike",
    };
}

/// <summary>
/// Looks through a whole definition, member by member, for what is meant for the model and not for the reader. A finding is a
/// reason to read closely, no proof; none is no proof either.
/// </summary>
public static partial class DefinitionScan
{
    /// <summary>The most findings that are told of one tool.</summary>
    public const int MostFindings = 16;

    private const int MostTexts = 4_000;
    private const int MostDepth = 32;
    private const int LongestText = 8_192;
    private const int Quoted = 80;

    /// <summary>What stands out in one definition, in the order of its members; of one text at most one finding of a kind.</summary>
    /// <param name="definition">A tool, prompt or resource as its server lists it.</param>
    public static IReadOnlyList<DefinitionFinding> Of(JsonElement definition)
    {
        var found = new List<DefinitionFinding>();
        var left = MostTexts;
        Walk(definition, new Place("", 0), found, ref left);
        return found;
    }

    /// <summary>Names that look alike to a person: the same but for case, separators, or letters of another script.</summary>
    /// <param name="names">All names of one list, or of several.</param>
    /// <returns>Groups of two or more, in the order of their first member.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> LookAlikes(IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).GroupBy(Skeleton, StringComparer.Ordinal).Where(static group => group.Key.Length > 0 && group.Skip(1).Any()).Select(static group => (IReadOnlyList<string>)[.. group])];

    private static void Walk(JsonElement value, Place place, List<DefinitionFinding> found, ref int left)
    {
        if (found.Count >= MostFindings || left <= 0 || place.Depth > MostDepth)
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                left--;
                Look(value.GetString()!, place.Path, found);
                break;
            case JsonValueKind.Array:
                var number = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Walk(item, place.Below($"{number++}"), found, ref left);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    left--;
                    Look(member.Name, place.Below("(name)").Path, found);
                    Walk(member.Value, place.Below(Shown(member.Name, 0, 40)), found, ref left);
                }

                break;
        }
    }

    private static void Look(string text, string place, List<DefinitionFinding> found)
    {
        void Add(DefinitionFindingKind kind, int at, string says)
        {
            if (found.Count < MostFindings)
            {
                found.Add(new DefinitionFinding(kind, new ClassificationEvidence(Shown(text, at, Quoted), place, says)));
            }
        }

        if (text.Length > LongestText)
        {
            Add(DefinitionFindingKind.Overlong, 0, "more text than anybody reads; the end of it is not looked at");
            text = text[..LongestText];
        }

        if (HiddenAt(text) is >= 0 and var hidden)
        {
            Add(DefinitionFindingKind.HiddenCharacters, Math.Max(0, hidden - 10), $"U+{(int)text[hidden]:X4} is not seen, or turns what is");
        }

        var plain = Visible(text);
        if (Instructions().Match(plain) is { Success: true } order)
        {
            found.Add(Finding(DefinitionFindingKind.Instruction, plain, order, place, "speaks to the model instead of describing the tool"));
        }

        if (MarkupText().Match(plain) is { Success: true } markup)
        {
            found.Add(Finding(DefinitionFindingKind.Markup, plain, markup, place, "is markup that a page or a chat could follow"));
        }

        if (SecretPlaces().Match(plain) is { Success: true } secret)
        {
            found.Add(Finding(DefinitionFindingKind.SecretPlace, plain, secret, place, "names a place where secrets are kept"));
        }
    }

    private static DefinitionFinding Finding(DefinitionFindingKind kind, string text, Match match, string place, string says) =>
        new(kind, new ClassificationEvidence(Shown(text, Math.Max(0, match.Index - 10), Quoted), place, says));

    /// <summary>Where the first character is that cannot be seen or moves others; -1 where there is none. A line break and a tab are seen.</summary>
    private static int HiddenAt(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var unit = text[at];
            if (IsTag(text, at) || (unit is not ('\n' or '\r' or '\t' or '\u200D' or '\uFE0F') && (char.IsControl(unit) || System.Globalization.CharUnicodeInfo.GetUnicodeCategory(unit) is System.Globalization.UnicodeCategory.Format)))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>A character of the block of tags, which spells text that no screen shows.</summary>
    private static bool IsTag(string text, int at) => text[at] == '\uDB40' && at + 1 < text.Length && text[at + 1] is >= '\uDC00' and <= '\uDC7F';

    /// <summary>Without what cannot be seen, so that an instruction is found whatever was strewn into it.</summary>
    private static string Visible(string text)
    {
        if (HiddenAt(text) < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (IsTag(text, at))
            {
                at++;
            }
            else if (!char.IsControl(text[at]) && System.Globalization.CharUnicodeInfo.GetUnicodeCategory(text[at]) != System.Globalization.UnicodeCategory.Format)
            {
                visible.Append(text[at]);
            }
        }

        return visible.ToString();
    }

    private static string Shown(string text, int at, int longest)
    {
        var visible = Visible(text[at..Math.Min(text.Length, at + (longest * 2))]).Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ');
        return visible.Length <= longest ? visible : visible[..(char.IsHighSurrogate(visible[longest - 2]) ? longest - 2 : longest - 1)] + "…";
    }

    /// <summary>A name as the eye takes it: folded, without separators, in one script, with digits that look like letters as these.</summary>
    /// <param name="name">Any name; of a long one the first 256 characters.</param>
    /// <returns>Equal for names that look alike; empty where no letter and no digit is in it.</returns>
    public static string Skeleton(string name)
    {
        var folded = new StringBuilder(Math.Min(name.Length, 256));
        foreach (var unit in name.AsSpan(0, Math.Min(name.Length, 256)))
        {
            if (char.IsLetterOrDigit(unit))
            {
                Letters.Fold(unit, folded);
            }
        }

        Letters.MakeOneScript(folded);
        return folded.Replace('0', 'o').Replace('1', 'l').Replace('i', 'l').Replace("rn", "m").ToString();
    }

    [GeneratedRegex(
        @"\b(?:ignore|disregard|forget)\s+(?:all\s+|any\s+|the\s+)?(?:previous|prior|above|earlier|other)\b|\bdo\s+not\s+(?:tell|mention|inform|show|reveal)\b.{0,40}\buser\b|\bwithout\s+(?:telling|informing|asking)\s+the\s+user\b|\b(?:system|developer)\s+prompt\b|<\s*/?\s*(?:important|system|instructions?|secret)\s*>|\byou\s+(?:must|should|need\s+to)\s+(?:always\s+|first\s+)?(?:call|use|read|send|pass|include)\b|\b(?:before|after)\s+(?:using|calling)\s+(?:this|any)\s+(?:other\s+)?tool\b|\b(?:always|instead)\s+(?:call|use)\s+this\s+tool\b|\bas\s+an?\s+(?:ai|language)\s+(?:assistant|model)\b|\bside\s?note\b.{0,40}\b(?:file|key|token)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Instructions();

    [GeneratedRegex(@"<!--|<\s*(?:script|iframe|img|svg|object|embed|style|link|meta|form)\b|javascript:|data:text/html|!\[[^\]]{0,80}\]\(\s*https?:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MarkupText();

    [GeneratedRegex(@"(?:~|\$HOME|/home/[^/\s]+|/root)/\.(?:ssh|aws|kube|docker|gnupg|cursor|config|netrc|npmrc|pypirc)\b|\bid_rsa\b|\bmcp\.json\b|/etc/(?:passwd|shadow)\b|\.env\b(?!\w)|\bAWS_SECRET_ACCESS_KEY\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretPlaces();

    private readonly record struct Place(string Path, int Depth)
    {
        public Place Below(string member) => new(Path.Length == 0 ? member : $"{Path}/{member}", Depth + 1);
    }
}
