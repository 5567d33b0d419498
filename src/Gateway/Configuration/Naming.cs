namespace Callgate.Gateway.Configuration;

/// <summary>Names of servers, policies and declared grants: they stand in addresses, in tool names and in file names.</summary>
public static class Naming
{
    public const string Rule = "a name has 1 to 64 letters, digits, `-`, `_` or `.`, begins with a letter or digit, does not end in `_` and holds no `__`";

    /// <summary><c>__</c> parts server and tool in <c>/mcp</c>, so no name may hold it or end in half of it.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 64
        && char.IsAsciiLetterOrDigit(text[0])
        && text[^1] != '_'
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !text.Contains("__", StringComparison.Ordinal);
}
