using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>
/// Security study, A45 and S8: a disk that is full under a running gate. The gate gets a small disk of its own in a mount
/// namespace, so that nothing of it is left when it ends.
/// </summary>
public sealed class FullDiskTests
{
    private const string Token = "full-disk-tests-token-of-32-characters-or-more";

    [Fact]
    public async Task Journal_OnAFullDisk_RefusesEveryCallAndRecoversAlone()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await StartAsync(folder, upstream);
        var data = $"/proc/{gate.ProcessId}/root{folder.File("data")}";
        await using var client = new McpClient(gate.Mcp("up"), Token, OperatedGate.ModernVersion);
        Assert.Null(await CodeAsync(client));

        Fill(Path.Combine(data, "filler"));
        Assert.Equal("record.unavailable", await UntilAsync(client, static code => code is not null));
        var seen = upstream.Recording.Calls.Count;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("record.unavailable", await CodeAsync(client));
        }

        var list = await client.RequestAsync("tools/list");
        Assert.Equal("record.unavailable", list.Error.GetProperty("data").GetProperty("code").GetString());
        await using var late = new McpClient(gate.Mcp("up"), Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => late.InitializeAsync());
        Assert.Equal(seen, upstream.Recording.Calls.Count);
        var ready = await OperatedGate.HttpAsync(new Uri(gate.Root, "/readyz"));
        Assert.Equal(503, ready.Status);
        Assert.Contains("fail journal", ready.Text, StringComparison.Ordinal);
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "admin.token"))).Trim();
        Assert.Equal(503, (await OperatedGate.HttpAsync(new Uri(gate.Root, "/api/v1/stops/all"), token, "PUT")).Status);

        File.Delete(Path.Combine(data, "filler"));
        Assert.Null(await UntilAsync(client, static code => code is null));
        Assert.Equal(200, (await OperatedGate.HttpAsync(new Uri(gate.Root, "/readyz"))).Status);
        var verified = await CommandRun.OfAsync("audit", "verify", "--url", gate.Root.ToString(), "--token", token, "--json");
        Assert.True(verified.Code == 0, verified.Out + verified.Error);
        Assert.Equal(0, await gate.TerminateAsync());
    }

    private static async Task<GateProcess> StartAsync(TemporaryFolder folder, FixtureServer upstream)
    {
        folder.Write("p.json", OperatedGate.OpenPolicy);
        var config = folder.Write("callgate.yaml", $$"""
            servers: { up: { url: "{{upstream.Url}}" } }
            policies: { p: p.json }
            grants: { agent: { token: {{Token}}, servers: { up: p } } }
            """);
        var data = folder.File("data");
        Directory.CreateDirectory(data);
        string[] apart = Environment.IsPrivilegedProcess ? ["unshare", "--mount"] : ["unshare", "--mount", "--map-root-user"];
        return await GateProcess.ServeAsync(
            data, ["--config", config], inside: [.. apart, "sh", "-c", $"mount -t tmpfs -o size=6m,mode=0700 tmpfs '{data}' && exec \"$@\"", "sh"]);
    }

    /// <summary>Takes all the room there is, to the last page.</summary>
    private static void Fill(string path)
    {
        using var filler = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        var piece = new byte[4096];
        try
        {
            for (var at = 0L; ; at += piece.Length)
            {
                RandomAccess.Write(filler, piece, at);
            }
        }
        catch (IOException)
        {
            // That was the last of it.
        }
    }

    /// <summary>The code of the first call that is as wanted: pages already begun take some entries, a retry takes its second.</summary>
    private static async Task<string?> UntilAsync(McpClient client, Func<string?, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            var code = await CodeAsync(client);
            if (wanted(code))
            {
                return code;
            }

            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<string?> CodeAsync(McpClient client)
    {
        var answer = await client.CallAsync("echo", new() { ["text"] = "x" });
        Assert.Equal(200, answer.Status);
        return answer.IsToolError ? answer.Denial.GetProperty("code").GetString() : null;
    }
}
