using Callgate.Gateway.Clients;
using Callgate.Cli.Scanning;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>Commands that fetch what they run: which package, and whether it is always the same.</summary>
public sealed class PackageCommandTests
{
    [Theory]
    [InlineData("npx -y a", "a", false)]
    [InlineData("npx -y a@latest", "a", false)]
    [InlineData("npx -y @s/a", "a", false)]
    [InlineData("npx -y @s/a@^1.2.0", "a", false)]
    [InlineData("npx -y @s/a@1.2.3", "a", true)]
    [InlineData("npx --package=a@1.2.3 run", "a", true)]
    [InlineData("npx -p a run", "a", false)]
    [InlineData("npx ./local.js", "local", true)]
    [InlineData("C:\\node\\npx.cmd -y a@1.2.3-beta.1", "a", true)]
    [InlineData("cmd /c npx -y a", "a", false)]
    [InlineData("pnpm dlx a@1.2.3", "a", true)]
    [InlineData("/usr/bin/uvx a==1.2", "a", true)]
    [InlineData("uvx --from git+https://example.com/a@main a", "a", false)]
    [InlineData("uvx --from git+https://example.com/a@0123456789abcdef0123456789abcdef01234567 a", "a", true)]
    [InlineData("uvx --python 3.12 a", "a", false)]
    [InlineData("uv tool run a@2.0.1", "a", true)]
    public void Of_ACommandThatFetches_KnowsThePackage(string command, string name, bool pinned)
    {
        var package = PackageCommand.Of(Entry(command));

        Assert.NotNull(package);
        Assert.Contains(name, package.Name, StringComparison.Ordinal);
        Assert.Equal(pinned, package.Pinned);
    }

    [Theory]
    [InlineData("node server.js")]
    [InlineData("uv run server.py")]
    [InlineData("npx")]
    [InlineData("cmd /c")]
    public void Of_ACommandThatFetchesNothing_IsNone(string command) => Assert.Null(PackageCommand.Of(Entry(command)));

    [Theory]
    [InlineData("sh -c x", true)]
    [InlineData("/bin/bash -lc x", true)]
    [InlineData("powershell.exe -Command x", true)]
    [InlineData("bash script.sh", false)]
    [InlineData("python -c x", false)]
    public void IsShell_OnlyWhereAShellGetsAText(string command, bool shell) => Assert.Equal(shell, PackageCommand.IsShell(Entry(command)));

    private static ServerEntry Entry(string command)
    {
        var node = new ConfigNode(NodeKind.Map);
        var args = new ConfigNode(NodeKind.Array);
        args.Items.AddRange(command.Split(' ')[1..].Select(static word => new ConfigNode(NodeKind.Text) { Text = word }));
        node.Members.Add(new ConfigMember("command", new ConfigNode(NodeKind.Text) { Text = command.Split(' ')[0] }, []));
        node.Members.Add(new ConfigMember("args", args, []));
        return new ServerEntry("a", "mcpServers", node);
    }
}
