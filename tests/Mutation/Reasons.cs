using System.Text.RegularExpressions;

namespace Callgate.Mutation;

/// <summary>Which mutants are no part of the score, besides those that Stryker itself leaves out. Every rule here is told in the report.</summary>
internal static partial class Reasons
{
    public const string CompileError = "does not compile";

    public static string? Of(Mutant mutant) => mutant.Kind == "String mutation" && IsSentence(mutant.Original) ? "text for people" : null;

    /// <summary>A literal with a word and a space is part of a sentence. Codes, names, members, keys and pointers are not.</summary>
    private static bool IsSentence(string literal)
    {
        var said = Hole().Replace(literal, "");
        return said.Contains(' ', StringComparison.Ordinal) && said.Any(char.IsAsciiLetter);
    }

    [GeneratedRegex(@"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}")]
    private static partial Regex Hole();
}
