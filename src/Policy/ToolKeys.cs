using System.Text.Json.Nodes;
using Callgate.Policy.Binding;

namespace Callgate.Policy;

/// <summary>Names of tools as documents spell them: escapes are free, so that one name has several spellings.</summary>
internal static class ToolKeys
{
    /// <summary>Equal for two spellings of one name; a pattern with wildcards is told apart from every name.</summary>
    public static string Spelled(string pattern) => GlobPattern.Parse(pattern, out _)?.ExactName is { } name ? "=" + name : "~" + pattern;

    /// <summary>What <see cref="Spelled"/> gives for a name as it is.</summary>
    public static string OfName(string name) => "=" + name;

    /// <summary>The keys of an object by <see cref="Spelled"/>.</summary>
    public static Dictionary<string, string> Of(JsonObject tools)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, _) in tools)
        {
            keys.TryAdd(Spelled(key), key);
        }

        return keys;
    }
}
