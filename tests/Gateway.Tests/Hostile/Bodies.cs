using System.Text;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>A message as the list of its members, so that one of them can be spelled wrongly on purpose.</summary>
internal static class Bodies
{
    public const string Claim = "io.modelcontextprotocol/protocolVersion";

    /// <summary>The value of an honest <c>_meta</c> of 2026-07-28.</summary>
    public const string Meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";

    private static int lastId = 1_000;

    /// <summary>An id no other message has: within a session ids are used once.</summary>
    public static string NextId() => Interlocked.Increment(ref lastId).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An honest call.</summary>
    public static string Call(bool modern, string tool = "\"echo\"", string arguments = """{"text":"hi"}""", string? id = null) =>
        Join(Root(modern, Join(Parameters(modern, tool, arguments)), id));

    /// <summary>An honest request of any method without params of its own.</summary>
    public static string Request(bool modern, string method, string members = "", string? id = null)
    {
        var meta = modern ? (members.Length > 0 ? "," : "") + "\"_meta\":" + Meta : "";
        return Join(Root(modern, "{" + members + meta + "}", id).Select(pair => pair.Key == "method" ? ("method", $"\"{method}\"") : pair));
    }

    public static List<(string Key, string Value)> Root(bool modern, string? parameters = null, string? id = null) =>
        [("jsonrpc", "\"2.0\""), ("id", id ?? (modern ? "1" : NextId())), ("method", "\"tools/call\""), ("params", parameters ?? Join(Parameters(modern)))];

    public static List<(string Key, string Value)> Parameters(bool modern, string tool = "\"echo\"", string arguments = """{"text":"hi"}""") =>
        modern ? [("name", tool), ("arguments", arguments), ("_meta", Meta)] : [("name", tool), ("arguments", arguments)];

    /// <summary>An object of these members; the keys are JSON text between quotes, so escapes in them stay as written.</summary>
    public static string Join(IEnumerable<(string Key, string Value)> members) =>
        "{" + string.Join(',', members.Select(static member => $"\"{member.Key}\":{member.Value}")) + "}";

    /// <summary>Every character of a key as <c>\uXXXX</c>.</summary>
    public static string Escaped(string key) =>
        key.Aggregate(new StringBuilder(), static (text, character) => text.Append("\\u").Append(((int)character).ToString("x4", System.Globalization.CultureInfo.InvariantCulture))).ToString();
}
