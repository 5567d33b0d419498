using System.Text;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;

namespace Callgate.EndToEnd.Tests.FiveSystems;

/// <summary>One of the five systems behind a real gate, over one transport, with what the system saw.</summary>
public sealed class GatedSystem : IAsyncDisposable
{
    private const string Token = "five-systems-token-of-at-least-32-characters";

    private readonly TemporaryFolder folder;
    private readonly FixtureServer? upstream;
    private readonly GateProcess gate;

    private GatedSystem(TemporaryFolder folder, FixtureServer? upstream, GateProcess gate, SeedCase seed)
    {
        this.folder = folder;
        this.upstream = upstream;
        this.gate = gate;
        Client = new McpClient(gate.Mcp(seed.Name), Token);
    }

    public McpClient Client { get; }

    private string RecordFile => RecordIn(folder);

    public static async Task<GatedSystem> StartAsync(SeedCase seed, string transport)
    {
        var folder = new TemporaryFolder();
        var upstream = transport == "stdio" ? null : await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = seed.Name });
        var config = folder.Write("callgate.yaml", Config(seed, transport, upstream, folder));
        var gate = await GateProcess.StartAsync(config, folder.File("data"));
        var system = new GatedSystem(folder, upstream, gate, seed);
        await system.Client.InitializeAsync();
        return system;
    }

    /// <summary>The `tools/call` messages that reached the system, in order, as they arrived.</summary>
    public async Task<IReadOnlyList<RecordedRequest>> CallsSeenAsync()
    {
        if (upstream is not null)
        {
            return upstream.Recording.Calls;
        }

        var lines = File.Exists(RecordFile) ? await File.ReadAllLinesAsync(RecordFile) : [];
        var requests = lines.Select((line, order) => new RecordedRequest(order, "STDIO", "", [], Encoding.UTF8.GetBytes(line)));
        return [.. requests.Where(r => r.RpcMethod == "tools/call")];
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await gate.DisposeAsync();
        if (upstream is not null)
        {
            await upstream.DisposeAsync();
        }

        folder.Dispose();
    }

    /// <summary>In a folder of its own: that of the configuration is read-only for the system.</summary>
    private static string RecordIn(TemporaryFolder folder) => Path.Combine(Directory.CreateDirectory(folder.File("seen")).FullName, "upstream.record");

    private static string Config(SeedCase seed, string transport, FixtureServer? upstream, TemporaryFolder folder) =>
        $$"""
        servers:
          {{seed.Name}}:
            {{ServerLine(seed, transport, upstream, folder)}}
        policies:
          seed: "{{seed.PolicyFile}}"
        grants:
          agent:
            token: {{Token}}
            servers: { {{seed.Name}}: seed }
        """;

    private static string ServerLine(SeedCase seed, string transport, FixtureServer? upstream, TemporaryFolder folder) => transport switch
    {
        "http" => $"url: {upstream!.Url}",
        "sse" => $"url: {upstream!.SseUrl}\n    transport: sse",
        _ => $"command: [\"{GateProcess.DotnetPath}\", \"{GateProcess.Built("callgate-fixture.dll")}\", stdio, --profile, {seed.Name}, --record, \"{RecordIn(folder)}\"]",
    };
}
