using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Cli;
using Xunit;

namespace Callgate.EndToEnd.Tests.Peers;

/// <summary>One server behind a gate of its own process, one grant for it, and what the record says afterwards.</summary>
internal sealed class PeerGate : IAsyncDisposable
{
    public const string Token = "peer-tests-token-of-at-least-32-characters-in-all";

    private const string Server = "up";

    private readonly TemporaryFolder folder;
    private readonly GateProcess gate;

    private PeerGate(TemporaryFolder folder, GateProcess gate)
    {
        this.folder = folder;
        this.gate = gate;
    }

    /// <summary>Where the server answers through the gate.</summary>
    public Uri Url => gate.Mcp(Server);

    /// <summary>Where the gate answers, administration too.</summary>
    public Uri Root => gate.Root;

    public string AdminToken => gate.AdminToken;

    /// <summary>What the gate wrote to stderr so far.</summary>
    public string Errors => gate.Errors;

    /// <summary>Starts with the members of one server, as `callgate.yaml` has them, and a policy document.</summary>
    public static async Task<PeerGate> StartAsync(JsonObject server, string policy)
    {
        var folder = new TemporaryFolder();
        folder.Write("p.json", policy);
        var config = folder.Write("callgate.yaml", $$"""
            servers:
              {{Server}}: {{server.ToJsonString()}}
            policies:
              p: p.json
            grants:
              agent:
                token: {{Token}}
                identity: peer@example.com
                servers: { {{Server}}: p }
            """);
        return new PeerGate(folder, await GateProcess.StartAsync(config, folder.File("data")));
    }

    /// <summary>The records of tool calls, oldest first; each is there once and names who called.</summary>
    public async Task<IReadOnlyList<JsonElement>> CallsAsync()
    {
        var run = await CommandRun.OfAsync("audit", "search", "--limit", "0", "--data", gate.DataDirectory, "--json");
        Assert.True(run.Code == 0, run.Error);
        var records = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line));
        var calls = records.Where(static record => record.GetProperty("method").GetString() == "tools/call").Reverse().ToArray();
        Assert.Equal(calls.Length, calls.Select(static record => record.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal).Count());
        Assert.All(calls, static record => Assert.Equal("peer@example.com", record.GetProperty("identity").GetString()));
        return calls;
    }

    /// <summary>Each recorded tool call, oldest first, as `add allow answered` or `big policy.denied`.</summary>
    public async Task<IReadOnlyList<string>> JudgementsAsync() =>
        [.. (await CallsAsync()).Select(static record => $"{record.GetProperty("tool").GetString()} {Judgement(record)}")];

    /// <summary>Every call is there once, with its decision, and the chain holds.</summary>
    public async Task RecordedAsync(params string[] calls)
    {
        Assert.Equal(calls, await JudgementsAsync());
        await VerifiedAsync();
    }

    /// <summary>The call is recorded so in the end; for what ends after its client has stopped waiting.</summary>
    public async Task RecordedInTimeAsync(string call)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!(await JudgementsAsync()).Contains(call, StringComparer.Ordinal))
        {
            Assert.False(limit.IsCancellationRequested, $"there is no `{call}` among {string.Join(", ", await JudgementsAsync())}");
        }
    }

    /// <summary>The chain holds from its first entry to its last.</summary>
    public async Task VerifiedAsync()
    {
        var verified = await CommandRun.OfAsync("audit", "verify", "--data", gate.DataDirectory);
        Assert.True(verified.Code == 0, verified.Out + verified.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        folder.Dispose();
    }

    private static string Judgement(JsonElement record) => record.GetProperty("decision").GetString() == "allow"
        ? "allow " + record.GetProperty("outcome").GetString()
        : record.GetProperty("code").GetString()!;
}
