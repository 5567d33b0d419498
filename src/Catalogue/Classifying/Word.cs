namespace Callgate.Catalogue.Classifying;

/// <summary>What stands between a word and the one before it.</summary>
internal enum Gap
{
    /// <summary>Nothing that parts clauses.</summary>
    None,

    /// <summary>A comma, semicolon, colon, dash, slash or bracket.</summary>
    Clause,

    /// <summary>The end of a sentence, or the beginning of the text.</summary>
    Sentence,
}

/// <summary>One word of a text: folded for look-up, with its place in the original.</summary>
/// <param name="Text">Lower-case, without accents and invisible characters; script of one kind where look-alikes were mixed in.</param>
/// <param name="Start">Offset in UTF-16 units of the original text.</param>
/// <param name="End">Offset after the last unit.</param>
/// <param name="Before">What parts it from the word before.</param>
/// <param name="Sense">What the lexicon says of it; null when it says nothing.</param>
internal readonly record struct Word(string Text, int Start, int End, Gap Before, Sense? Sense)
{
    /// <summary>The text without the ending of a plural, for the look-up of things.</summary>
    public string Singular { get; } = SingularOf(Text);

    private static string SingularOf(string text) => text.Length > 3 && text[^1] == 's' && text[^2] is not ('s' or 'u' or 'i')
        ? text.EndsWith("ies", StringComparison.Ordinal) ? text[..^3] + "y" : text[..^1]
        : text;
}
