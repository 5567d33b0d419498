using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;

namespace Callgate.Gateway.Tests.Modern;

/// <summary>A fixture server, a gate before it, and clients of 2026-07-28.</summary>
internal sealed class ModernGate : IAsyncDisposable
{
    public const string OtherToken = "cg_test_other_fedcba9876543210fedcba9876543210";

    private ModernGate(FixtureServer upstream, RunningGate gate)
    {
        Upstream = upstream;
        Gate = gate;
    }

    public FixtureServer Upstream { get; }

    public RunningGate Gate { get; }

    public static async Task<ModernGate> StartAsync(FixtureOptions options, string policy = """{"version":"1","default":"allow"}""", TimeProvider? time = null, Action<JsonArray>? tools = null)
    {
        var upstream = await FixtureServer.StartHttpAsync(options);
        if (tools is not null)
        {
            upstream.Profile.ChangeTools(tools);
        }

        var yaml = $$"""
            servers:
              up: { url: {{upstream.Url}} }
            policies:
              p: p.json
            grants:
              laptop: { token: {{RunningGate.Token}}, identity: laptop@example.com, servers: { up: p } }
              other: { token: {{OtherToken}}, servers: { up: p } }
            """;
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        return new ModernGate(upstream, await RunningGate.StartInAsync(folder, yaml, time ?? TimeProvider.System, ("p.json", policy)));
    }

    public McpClient Client(string token = RunningGate.Token, JsonObject? capabilities = null) =>
        new(Gate.Mcp("up"), token, "2026-07-28") { Capabilities = capabilities ?? [] };

    /// <summary>The headers of an honest request, for bytes written by hand.</summary>
    public static (string Name, string Value)[] Headers(string method, string? name = null) =>
    [
        ("Authorization", "Bearer " + RunningGate.Token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method),
        .. name is null ? Array.Empty<(string, string)>() : [("Mcp-Name", name)],
    ];

    /// <summary>The decisions in the journal, oldest first.</summary>
    public IReadOnlyList<JsonElement> Decisions() => JournalText.Entries(Gate, "call");

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
