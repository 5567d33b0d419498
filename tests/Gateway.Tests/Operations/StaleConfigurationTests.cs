using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Storage.Sqlite;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Operations;

/// <summary>A configuration store that is locked: the last snapshot serves for 60 s, then nothing passes until the store answers.</summary>
public sealed class StaleConfigurationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Store_Locked_ServesForAMinuteThenRefusesAndRecovers()
    {
        var time = new ManualTime();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        await using var gate = await RunningGate.StartInAsync(folder, RunningGate.OneServer(upstream.Url), time, ("p.json", """{ "version": "1", "default": "allow" }"""));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token);
        await client.InitializeAsync();
        Assert.False((await client.CallAsync("echo")).IsToolError);

        using (var other = new SqliteConnection($"Data Source={Path.Combine(gate.DataDirectory, "callgate.db")}"))
        {
            other.Open();
            using var held = other.BeginTransaction();
            time.Advance(TimeSpan.FromSeconds(59));
            var stale = await client.CallAsync("echo");
            Assert.False(stale.IsToolError, stale.Text);

            time.Advance(TimeSpan.FromSeconds(2));
            var seen = upstream.Recording.Requests.Count;
            Assert.Equal("configuration.unavailable", (await client.CallAsync("echo")).Denial.GetProperty("code").GetString());
            Assert.Equal("configuration.unavailable", (await client.RequestAsync("tools/list")).Error.GetProperty("data").GetProperty("code").GetString());
            Assert.Equal(503, await client.NotifyAsync("notifications/progress", []));
            Assert.Equal(seen, upstream.Recording.Requests.Count);
            Assert.Equal(503, await StatusAsync(gate, "readyz"));
        }

        using var limit = new CancellationTokenSource(Patience);
        while ((await client.CallAsync("echo", null, limit.Token)).IsToolError)
        {
            time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(200, await StatusAsync(gate, "readyz"));
    }

    private static async Task<int> StatusAsync(RunningGate gate, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(gate.Address, path));
        return (int)response.StatusCode;
    }
}
