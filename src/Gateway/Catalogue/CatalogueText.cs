namespace Callgate.Gateway.Catalogue;

/// <summary>Texts of servers, short enough for where they stand.</summary>
public static class CatalogueText
{
    /// <summary>A name that is longer is no name for people; its page has it whole.</summary>
    public const int LongestName = 160;

    /// <summary>The text, or its beginning with an ellipsis; no character is cut in half.</summary>
    public static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1)] + "…";

    /// <summary>A name, or its beginning and how long it is: two that begin alike are told apart by that, as far as they can be.</summary>
    public static string Name(string name) => name.Length <= LongestName ? name : FormattableString.Invariant($"{Cut(name, LongestName)} ({name.Length} characters)");
}
