using Callgate.Cli.Connecting;
using Callgate.Gateway.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>Where the clients keep their files on each system, and whose a named file is.</summary>
public sealed class ClientHomeTests
{
    [Theory]
    [InlineData("claude-desktop", "Linux", ".config/Claude/claude_desktop_config.json")]
    [InlineData("claude-desktop", "MacOs", "Library/Application Support/Claude/claude_desktop_config.json")]
    [InlineData("claude-desktop", "Windows", "AppData/Roaming/Claude/claude_desktop_config.json")]
    [InlineData("vscode", "Linux", ".config/Code/User/mcp.json")]
    [InlineData("vscode", "MacOs", "Library/Application Support/Code/User/mcp.json")]
    [InlineData("vscode", "Windows", "AppData/Roaming/Code/User/mcp.json")]
    [InlineData("zed", "MacOs", ".config/zed/settings.json")]
    [InlineData("zed", "Windows", "AppData/Roaming/zed/settings.json")]
    [InlineData("cline", "MacOs", "Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json")]
    [InlineData("codex", "Windows", ".codex/config.toml")]
    public void Files_OfASystem_LieWhereItsClientsLook(string client, string system, string path)
    {
        var home = new ClientHome("/home/alice", "/project", Enum.Parse<SystemKind>(system));

        Assert.Equal("/home/alice/" + path, home.Files(ClientBook.Find(client)!).First().Path);
    }

    [Theory]
    [InlineData("/x/.mcp.json", "claude-code")]
    [InlineData("/x/.vscode/mcp.json", "vscode")]
    [InlineData("/x/.cursor/mcp.json", "cursor")]
    [InlineData("/x/mcp.json", "file")]
    [InlineData("/x/.gemini/settings.json", "gemini")]
    [InlineData("/x/claude_desktop_config.json", "claude-desktop")]
    [InlineData("/x/config.toml", "codex")]
    public void Of_ANamedFile_IsTheClientThatKeepsItSo(string path, string client) => Assert.Equal(client, ClientBook.Of(path).Name);
}
