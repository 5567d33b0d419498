using System.Text.RegularExpressions;

namespace Callgate.Cli.Scanning;

/// <summary>
/// References to variables in a configuration, in the spellings of the clients: <c>${NAME}</c>, <c>${NAME:-default}</c>,
/// <c>${env:NAME}</c>, <c>$NAME</c>. What only the client can fill in, as <c>${input:…}</c>, stays open.
/// </summary>
/// <param name="variable">The environment of the client.</param>
/// <param name="own">The variables that the server gets: what refers to them is for a shell to fill in.</param>
internal sealed partial class References(Func<string, string?> variable, Predicate<string> own)
{
    private readonly List<string> missing = [];

    /// <summary>What could not be filled in.</summary>
    public IReadOnlyList<string> Missing => missing;

    public string Fill(string text) => Reference().Replace(text, match =>
    {
        var (name, fallback) = (match.Groups["name"].Value, match.Groups["fallback"]);
        if (own(name))
        {
            return match.Value;
        }

        var open = match.Groups["other"].Success || variable(name) is null;
        if (!open)
        {
            return variable(name)!;
        }

        if (!match.Groups["other"].Success && fallback.Success)
        {
            return fallback.Value;
        }

        missing.Add(match.Value);
        return match.Value;
    });

    [GeneratedRegex(@"\$\{(?:env:)?(?<name>[A-Za-z_]\w*)(?::-(?<fallback>[^}]*))?\}|(?<other>\$\{[^}]*\})|^\$(?<name>[A-Za-z_]\w*)$")]
    private static partial Regex Reference();
}
