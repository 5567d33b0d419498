using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>One gate before the same fixture as a child process and over HTTP+SSE, each behind an open and a closed policy.</summary>
public sealed class TransportRig : IAsyncLifetime
{
    public static TheoryData<string> Transports => new("stdio", "sse");

    private string record = "";

    public FixtureServer Fixture { get; private set; } = null!;

    public RunningGate Gate { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        record = Path.GetTempFileName();
        Fixture = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var child = Child("--record", record);
        Gate = await RunningGate.StartAsync(
            $$"""
            servers:
              stdio: { command: {{child}} }
              sse: { url: "{{Fixture.SseUrl}}", transport: sse }
              stdio-closed: { command: {{child}} }
              sse-closed: { url: "{{Fixture.SseUrl}}", transport: sse }
            policies: { open: open.json, closed: closed.json }
            grants:
              laptop:
                token: {{RunningGate.Token}}
                servers: { stdio: open, sse: open, stdio-closed: closed, sse-closed: closed }
              tablet:
                token: {{LegacyRig.OtherToken}}
                servers: { stdio: open, sse: open }
            """,
            ("open.json", LegacyRig.OpenPolicy), ("closed.json", LegacyRig.ClosedPolicy));
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Fixture.DisposeAsync();
        File.Delete(record);
    }

    /// <summary>The command of a fixture as a child process, as YAML.</summary>
    public static string Child(params string[] options) =>
        $"[{string.Join(", ", new[] { DotnetProgram(), Path.Combine(AppContext.BaseDirectory, "callgate-fixture.dll"), "stdio", "--profile", "everything" }.Concat(options).Select(static part => $"\"{part}\""))}]";

    /// <summary>A client with a session on this server.</summary>
    public async Task<McpClient> OpenAsync(string server, string version = "2025-11-25", string capabilities = "{}", Func<System.Text.Json.JsonElement, System.Text.Json.Nodes.JsonNode?>? onAsked = null)
    {
        var client = LegacyRig.Client(Gate, server, version, capabilities: capabilities, onAsked: onAsked);
        await client.InitializeAsync();
        return client;
    }

    /// <summary>Every message the server behind this transport has received so far.</summary>
    public IReadOnlyList<string> Received(string transport) =>
        transport == "stdio" ? File.ReadAllLines(record) : [.. Fixture.Recording.Requests.Select(static request => request.Text)];

    /// <summary>The program that runs this very process: children have no environment in which to look for it.</summary>
    private static string DotnetProgram() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../dotnet"));
}
