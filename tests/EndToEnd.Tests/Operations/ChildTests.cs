using System.Diagnostics;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, F19: a stdio server starts with nothing of the gate's, and cannot read its data folder.</summary>
public sealed class ChildTests
{
    private const string Token = "child-tests-token-of-32-characters-or-more";
    private const string Canary = "canary-of-the-gates-environment";

    [Fact]
    public async Task Child_ThatLooksAround_FindsNothingOfTheGate()
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("data");
        Directory.CreateDirectory(folder.File("out"));
        folder.Write("p.json", OperatedGate.OpenPolicy);
        folder.Write("look.sh", $$"""
            out={{folder.File("out")}}
            [ -f "$out/done" ] && exec "$@"
            tr '\0' '\n' < /proc/self/environ > "$out/environment"
            ls -a {{data}} > "$out/listing" 2>&1
            cat {{data}}/operator.key {{data}}/admin.token {{data}}/callgate.db {{data}}/journal/*.jsonl > "$out/read" 2>/dev/null
            cat /proc/[0-9]*/environ > "$out/neighbours" 2>/dev/null
            ls -l /proc/self/fd > "$out/descriptors"
            touch "$out/done"
            exec "$@"
            """);
        var config = folder.Write("callgate.yaml", $$"""
            servers:
              up:
                command: [sh, "{{folder.File("look.sh")}}", "{{GateProcess.DotnetPath}}", "{{GateProcess.Built("callgate-fixture.dll")}}", stdio]
                env: { NAMED: given }
            policies: { p: p.json }
            grants: { agent: { token: {{Token}}, servers: { up: p } } }
            """);
        await using var gate = await GateProcess.StartAsync(config, data, new Dictionary<string, string> { ["CALLGATE_TEST_CANARY"] = Canary });
        await using var client = new McpClient(gate.Mcp("up"), Token);
        await client.InitializeAsync();
        Assert.Equal("here", (await client.CallAsync("echo", new() { ["text"] = "here" })).FirstText);

        string Out(string name) => File.ReadAllText(Path.Combine(folder.File("out"), name));
        var names = Out("environment").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[..line.IndexOf('=', StringComparison.Ordinal)]).Order(StringComparer.Ordinal);
        Assert.Equal(["HOME", "LANG", "NAMED", "PATH", "PWD", "TMPDIR"], names.Append("PWD").Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(Out("read"));
        Assert.DoesNotContain("operator.key", Out("listing"), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, Out("neighbours"), StringComparison.Ordinal);
        Assert.DoesNotContain(data, Out("descriptors"), StringComparison.Ordinal);
        Assert.DoesNotContain("NOT isolated", gate.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await gate.TerminateAsync());
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("kill")]
    public async Task Child_OfAGrantOrGateThatIsGone_EndsWithIt(string how)
    {
        await using var operated = await OperatedGate.StartAsync();
        var mark = operated.Folder.File("record-of-the-child");
        var run = await CommandRun.OfAsync("server", "add", "up", "--data", operated.Data, "--", GateProcess.DotnetPath, GateProcess.Built("callgate-fixture.dll"), "stdio", "--record", mark);
        Assert.True(run.Code == 0, run.Error);
        await operated.PolicyAsync(OperatedGate.OpenPolicy);
        var (id, token) = await operated.GrantAsync();
        await using var client = await operated.LegacyAsync(token);
        Assert.False((await client.CallAsync("echo")).IsToolError);
        var children = With(mark);
        Assert.NotEmpty(children);

        if (how == "kill")
        {
            await operated.Gate.KillAsync();
        }
        else
        {
            await operated.CommandAsync("grant", "revoke", id);
        }

        await Task.WhenAll(children.Select(static child => child.WaitForExitAsync())).WithinAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(With(mark));
    }

    /// <summary>The processes with this text among their arguments.</summary>
    private static List<Process> With(string mark)
    {
        var found = new List<Process>();
        foreach (var process in Process.GetProcesses())
        {
            var arguments = $"/proc/{process.Id}/cmdline";
            if (File.Exists(arguments) && TryRead(arguments).Contains(mark, StringComparison.Ordinal))
            {
                found.Add(process);
            }
        }

        return found;
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
