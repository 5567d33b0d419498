using System.Text.Json;
using Callgate.Gateway.Clients;
using Callgate.Cli.Connecting;
using Callgate.Gateway.Dashboard;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>What the page of a new grant says to put into a client is what <c>callgate connect</c> writes there.</summary>
public sealed class ClientSnippetsTests
{
    private const string Token = "cg_abcdefghjk_0123456789";

    [Theory]
    [InlineData("Claude Desktop", "claude-desktop")]
    [InlineData("Cursor", "cursor")]
    [InlineData("VS Code", "vscode")]
    [InlineData("Windsurf", "windsurf")]
    public void Snippet_OfAClientOfJson_HasTheMembersOfConnect(string title, string name)
    {
        var snippet = JsonElement.Parse(ClientSnippets.Of("http://127.0.0.1:2255", "shop", Token).Single(one => one.Client == title).Text);
        var client = ClientBook.Find(name)!;
        var members = GateMembers.For(client.Remote, "http://127.0.0.1:2255/mcp/shop", Token, plainElsewhere: false).Json();

        var entry = snippet.GetProperty(client.Holders[0][0]).GetProperty("shop");
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse($"{{ {string.Join(", ", members)} }}"), entry), entry.GetRawText());
    }

    [Fact]
    public void Snippet_OfCodex_HasTheLinesOfConnect()
    {
        var snippet = ClientSnippets.Of("http://127.0.0.1:2255", "shop", Token).Single(static one => one.Client == "Codex").Text;

        Assert.Equal(["[mcp_servers.shop]", .. GateMembers.For(ClientBook.Find("codex")!.Remote, "http://127.0.0.1:2255/mcp/shop", Token, plainElsewhere: false).Toml()], snippet.Split('\n'));
    }
}
