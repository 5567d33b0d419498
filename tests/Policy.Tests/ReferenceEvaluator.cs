using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>
/// A second evaluator, written from the language alone and for no speed: it reads the document anew for each call.
/// It takes documents that load; what it says and what the compiled policy says must be equal.
/// </summary>
internal static class ReferenceEvaluator
{
    /// <summary>Glob matching by definition, over code points.</summary>
    public static bool Matches(string pattern, string name) => Matches([.. pattern.EnumerateRunes()], [.. name.EnumerateRunes()]);

    /// <summary>Effect, code, rule, and the limits as <c>counter max window scope rule</c>.</summary>
    public static string Decide(JsonElement document, string tool, ToolStanding standing)
    {
        if (standing == ToolStanding.ListUnavailable)
        {
            return "Deny upstream.unavailable (unknown)";
        }

        if (standing == ToolStanding.Unknown)
        {
            return "Hide tool.unknown (unknown)";
        }

        var entry = Entry(document, tool);
        var action = entry is { } found && found.Value.TryGetProperty("action", out var stated) ? stated.GetString() : "allow";
        var pointer = entry is { } named ? $"/tools/{named.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}" : "";
        if (Hidden(document, tool) is { } hidden)
        {
            return $"Hide tool.hidden {hidden}";
        }

        return (entry, action, standing, document.GetProperty("default").GetString()) switch
        {
            (not null, "hide", _, _) => $"Hide tool.hidden {pointer}/action",
            (_, _, ToolStanding.Drifted, _) => "Deny definition.drifted (unknown)",
            (not null, "deny", _, _) => $"Deny policy.denied {pointer}/action",
            (null, _, _, "deny") => "Deny policy.default_deny /default",
            (null, _, _, _) => "Allow  /default" + Limits(document, "/all_tools", tool),
            _ => $"Allow  {pointer}" + Limits(document, "/all_tools", tool) + Limits(document, pointer, tool, entry.Value.Value),
        };
    }

    private static string? Hidden(JsonElement document, string tool)
    {
        if (!document.TryGetProperty("hide", out var hide))
        {
            return null;
        }

        if (hide.ValueKind == JsonValueKind.String)
        {
            return "/hide";
        }

        var index = hide.EnumerateArray().ToList().FindIndex(pattern => Matches(pattern.GetString()!, tool));
        return index < 0 ? null : $"/hide/{index}";
    }

    private static JsonProperty? Entry(JsonElement document, string tool)
    {
        if (!document.TryGetProperty("tools", out var tools))
        {
            return null;
        }

        var matching = tools.EnumerateObject().Where(entry => Matches(entry.Name, tool)).ToList();
        var exact = matching.Where(entry => Plain(entry.Name) is not null).ToList();
        return exact.Count > 0 ? exact[0] : matching.OrderByDescending(entry => Literals(entry.Name)).Cast<JsonProperty?>().FirstOrDefault();
    }

    private static string Limits(JsonElement document, string pointer, string tool, JsonElement? entry = null)
    {
        var holder = entry ?? (document.TryGetProperty("all_tools", out var all) ? all : JsonElement.Parse("{}"));
        var text = new StringBuilder();
        if (holder.TryGetProperty("limits", out var limits))
        {
            foreach (var (index, limit) in limits.EnumerateArray().Index())
            {
                var scope = limit.TryGetProperty("scope", out var stated) ? stated.GetString() : "grant";
                text.Append($" {limit.GetProperty("counter").GetString()} {limit.GetProperty("max")} {limit.GetProperty("window")} {scope} {pointer}/limits/{index}");
            }
        }

        if (holder.TryGetProperty("rate_limit", out var rate))
        {
            text.Append($" {tool}_rate {rate.GetProperty("max")} {rate.GetProperty("window")} grant {pointer}/rate_limit");
        }

        return text.ToString();
    }

    private static int Literals(string pattern) => Tokens(pattern).Count(token => token.Literal);

    private static string? Plain(string pattern) =>
        Tokens(pattern).All(token => token.Literal) ? string.Concat(Tokens(pattern).Select(token => token.Rune.ToString())) : null;

    private static IEnumerable<(Rune Rune, bool Literal)> Tokens(string pattern)
    {
        var escaped = false;
        foreach (var rune in pattern.EnumerateRunes())
        {
            if (rune.Value == '\\' && !escaped)
            {
                escaped = true;
                continue;
            }

            yield return (rune, escaped || rune.Value is not ('*' or '?'));
            escaped = false;
        }
    }

    private static bool Matches(ReadOnlySpan<Rune> pattern, ReadOnlySpan<Rune> name)
    {
        if (pattern.IsEmpty)
        {
            return name.IsEmpty;
        }

        return pattern[0].Value switch
        {
            '*' => Matches(pattern[1..], name) || (!name.IsEmpty && Matches(pattern, name[1..])),
            '\\' => pattern.Length > 1 && !name.IsEmpty && pattern[1] == name[0] && Matches(pattern[2..], name[1..]),
            '?' => !name.IsEmpty && Matches(pattern[1..], name[1..]),
            _ => !name.IsEmpty && pattern[0] == name[0] && Matches(pattern[1..], name[1..]),
        };
    }
}
