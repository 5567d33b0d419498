using System.Text;

namespace Callgate.Policy.Binding;

/// <summary>A pattern taken apart: how many code points it fixes, whether it is one name, and whether another can match the same name.</summary>
internal sealed class GlobPattern
{
    /// <summary>In code points as written. A tool name is shorter; the bound keeps comparing all pairs of patterns cheap.</summary>
    public const int MostLength = 256;

    /// <summary>How many patterns with wildcards one list holds. They are tried one by one, and compared in pairs.</summary>
    public const int MostInAList = 1_000;

    private const int Any = -1;
    private const int Run = -2;

    private readonly int[] tokens;

    private GlobPattern(string text, int[] tokens)
    {
        Text = text;
        this.tokens = tokens;
        LiteralCount = tokens.Count(token => token >= 0);
        ExactName = LiteralCount == tokens.Length ? string.Concat(tokens.Select(char.ConvertFromUtf32)) : null;
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>Code points that are neither <c>*</c> nor <c>?</c>; an escaped one counts once.</summary>
    public int LiteralCount { get; }

    /// <summary>The one name it matches, when it has no wildcard; escapes are gone from it.</summary>
    public string? ExactName { get; }

    /// <summary>Takes a pattern apart; <paramref name="fault"/> says why it is none.</summary>
    public static GlobPattern? Parse(string text, out string fault)
    {
        fault = "";
        var tokens = new List<int>();
        var escaped = false;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (!escaped && rune.Value == '\\')
            {
                escaped = true;
                continue;
            }

            AddToken(tokens, rune, escaped);
            escaped = false;
        }

        if (text.Length == 0)
        {
            fault = "a name or pattern must not be empty";
        }
        else if (escaped)
        {
            fault = "a pattern must not end in a lone `\\`";
        }
        else if (length > MostLength)
        {
            fault = $"a name or pattern must not be longer than {MostLength} characters";
        }

        return fault.Length == 0 ? new GlobPattern(text, [.. tokens]) : null;
    }

    /// <summary>A name that the pattern matches, with a text of one's own where anything may stand.</summary>
    public string Sample(string anything) =>
        string.Concat(tokens.Select(token => token == Run ? anything : token == Any ? "‹" : char.ConvertFromUtf32(token)));

    public bool Matches(string name) => Glob.Matches(Text, name);

    /// <summary>Whether some name matches both patterns.</summary>
    /// <remarks>
    /// Two patterns that both hold a run meet exactly when their ends do: each takes the other's middle into a run. Otherwise
    /// walks both patterns at once. A cell says that some text is matched by the first i tokens of one and the first j of
    /// the other; a run may match nothing (step over it) or swallow a token of the other side (stay on it).
    /// </remarks>
    public bool Intersects(GlobPattern other)
    {
        var (ours, theirs) = (tokens, other.tokens);
        if (ours.Contains(Run) && theirs.Contains(Run))
        {
            return EndsMeet(ours, theirs);
        }

        var row = new bool[theirs.Length + 1];
        for (var i = 0; i <= ours.Length; i++)
        {
            var diagonal = false;
            for (var j = 0; j <= theirs.Length; j++)
            {
                var above = row[j];
                row[j] = (i == 0 && j == 0)
                    || (i > 0 && above && (ours[i - 1] == Run || (j > 0 && theirs[j - 1] == Run)))
                    || (j > 0 && row[j - 1] && (theirs[j - 1] == Run || (i > 0 && ours[i - 1] == Run)))
                    || (i > 0 && j > 0 && diagonal && Meet(ours[i - 1], theirs[j - 1]));
                diagonal = above;
            }
        }

        return row[theirs.Length];
    }

    private static bool EndsMeet(ReadOnlySpan<int> ours, ReadOnlySpan<int> theirs)
    {
        for (var i = 0; ours[i] != Run && theirs[i] != Run; i++)
        {
            if (!Meet(ours[i], theirs[i]))
            {
                return false;
            }
        }

        for (var i = 1; ours[^i] != Run && theirs[^i] != Run; i++)
        {
            if (!Meet(ours[^i], theirs[^i]))
            {
                return false;
            }
        }

        return true;
    }

    private static void AddToken(List<int> tokens, Rune rune, bool escaped)
    {
        var token = (rune.Value, escaped) switch
        {
            ('*', false) => Run,
            ('?', false) => Any,
            _ => rune.Value,
        };
        if (token != Run || tokens.Count == 0 || tokens[^1] != Run)
        {
            tokens.Add(token);
        }
    }

    private static bool Meet(int one, int other) => one == other || one == Any || other == Any || one == Run || other == Run;
}
