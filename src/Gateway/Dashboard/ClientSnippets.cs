using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Gateway.Dashboard;

/// <summary>What people put into their client so that it goes through the gate. <c>callgate connect</c> writes the same by itself.</summary>
internal static class ClientSnippets
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Each client, where its configuration lies, and what goes in there.</summary>
    /// <param name="gate">The address of the gate.</param>
    /// <param name="server">A server of the grant.</param>
    /// <param name="token">The token of the grant.</param>
    public static IReadOnlyList<(string Client, string Where, string Text)> Of(string gate, string server, string token)
    {
        var url = $"{gate}/mcp/{server}";
        var bearer = "Bearer " + token;
        JsonObject Remote(string member, string? type = null)
        {
            var entry = new JsonObject();
            if (type is not null)
            {
                entry["type"] = type;
            }

            entry[member] = url;
            entry["headers"] = new JsonObject { ["Authorization"] = bearer };
            return entry;
        }

        string Json(string holder, JsonObject entry) => new JsonObject { [holder] = new JsonObject { [server] = entry } }.ToJsonString(Indented);
        var bridge = new JsonObject
        {
            ["command"] = "npx",
            ["args"] = new JsonArray("-y", "mcp-remote@0.15.1", url, "--header", "Authorization:${CALLGATE_AUTHORIZATION}", "--transport", "http-only"),
            ["env"] = new JsonObject { ["CALLGATE_AUTHORIZATION"] = bearer },
        };
        return
        [
            ("Claude Code", "in a shell", $"claude mcp add --transport http {server} {url} --header \"Authorization: {bearer}\""),
            ("Claude Desktop", "claude_desktop_config.json; it speaks to programs alone, so a bridge stands between", Json("mcpServers", bridge)),
            ("Cursor", ".cursor/mcp.json", Json("mcpServers", Remote("url"))),
            ("VS Code", ".vscode/mcp.json", Json("servers", Remote("url", "http"))),
            ("Windsurf", "mcp_config.json", Json("mcpServers", Remote("serverUrl"))),
            ("Codex", "config.toml", $"[mcp_servers.{server}]\nurl = \"{url}\"\nhttp_headers = {{ \"Authorization\" = \"{bearer}\" }}"),
            ("Any other client", "its address and header", $"{url}\nAuthorization: {bearer}"),
        ];
    }
}
