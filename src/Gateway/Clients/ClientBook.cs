using System.Collections.Immutable;

namespace Callgate.Gateway.Clients;

/// <summary>The clients that are known. What they read is theirs to change; each line follows their documentation.</summary>
public static class ClientBook
{
    private static readonly ImmutableArray<string[]> McpServers = [["mcpServers"]];

    public static ImmutableArray<McpClient> All { get; } =
    [
        new("claude-desktop", "Claude Desktop", ConfigFormat.Json, new RemoteSpelling(null))
        {
            Holders = McpServers,
            Places = [new(PlaceRoot.Settings, "Claude/claude_desktop_config.json")],
        },
        new("claude-code", "Claude Code", ConfigFormat.Json, new RemoteSpelling("url", Type: "http"))
        {
            Holders = [["mcpServers"], ["projects", "*", "mcpServers"]],
            Places = [new(PlaceRoot.Home, ".claude.json"), new(PlaceRoot.Project, ".mcp.json")],
        },
        new("cursor", "Cursor", ConfigFormat.Json, new RemoteSpelling("url"))
        {
            Holders = McpServers,
            Places = [new(PlaceRoot.Home, ".cursor/mcp.json"), new(PlaceRoot.Project, ".cursor/mcp.json")],
        },
        new("vscode", "VS Code", ConfigFormat.CommentedJson, new RemoteSpelling("url", Type: "http"))
        {
            Holders = [["servers"], ["mcp", "servers"]],
            Places =
            [
                new(PlaceRoot.Settings, "Code/User/mcp.json"), new(PlaceRoot.Settings, "Code/User/settings.json"),
                new(PlaceRoot.Settings, "Code - Insiders/User/mcp.json"), new(PlaceRoot.Settings, "Code - Insiders/User/settings.json"),
                new(PlaceRoot.Project, ".vscode/mcp.json"), new(PlaceRoot.Project, ".vscode/settings.json"),
            ],
        },
        new("windsurf", "Windsurf", ConfigFormat.Json, new RemoteSpelling("serverUrl"))
        {
            Holders = McpServers,
            Places = [new(PlaceRoot.Home, ".codeium/windsurf/mcp_config.json")],
        },
        new("codex", "Codex", ConfigFormat.Toml, new RemoteSpelling("url", "http_headers"))
        {
            Holders = [["mcp_servers"]],
            Places = [new(PlaceRoot.Home, ".codex/config.toml"), new(PlaceRoot.Project, ".codex/config.toml")],
        },
        new("gemini", "Gemini CLI", ConfigFormat.CommentedJson, new RemoteSpelling("httpUrl"))
        {
            Holders = McpServers,
            Places = [new(PlaceRoot.Home, ".gemini/settings.json"), new(PlaceRoot.Project, ".gemini/settings.json")],
        },
        new("zed", "Zed", ConfigFormat.CommentedJson, new RemoteSpelling("url"))
        {
            Holders = [["context_servers"]],
            Places = [new(PlaceRoot.DotConfig, "zed/settings.json"), new(PlaceRoot.Project, ".zed/settings.json")],
        },
        new("cline", "Cline", ConfigFormat.CommentedJson, new RemoteSpelling("url", Type: "streamableHttp"))
        {
            Holders = McpServers,
            Places =
            [
                new(PlaceRoot.Settings, "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"),
                new(PlaceRoot.Home, ".cline/data/settings/cline_mcp_settings.json"),
            ],
        },
    ];

    public static string Names => string.Join(", ", All.Select(static client => client.Name));

    public static McpClient? Find(string name) => All.FirstOrDefault(client => client.Name == name);

    /// <summary>The client that a file belongs to by its name, or one that looks for servers wherever any client keeps them.</summary>
    public static McpClient Of(string path)
    {
        var (file, folder) = (Path.GetFileName(path), Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))));
        var named = All.Where(client => client.Places.Any(place => Path.GetFileName(place.Path) == file)).ToList();
        var placed = named.Where(client => client.Places.Any(place => place.Path.EndsWith($"{folder}/{file}", StringComparison.Ordinal))).ToList();
        return placed is [var sure] ? sure : named is [var only] ? only : Unknown(file);
    }

    private static McpClient Unknown(string file)
    {
        var format = file.EndsWith(".toml", StringComparison.OrdinalIgnoreCase) ? ConfigFormat.Toml : ConfigFormat.CommentedJson;
        return new McpClient("file", "(a file)", format, new RemoteSpelling("url"))
        {
            Holders = format == ConfigFormat.Toml ? [["mcp_servers"]] : [.. All.Where(static client => client.Format != ConfigFormat.Toml).SelectMany(static client => client.Holders).DistinctBy(static way => string.Join('/', way))],
        };
    }
}
