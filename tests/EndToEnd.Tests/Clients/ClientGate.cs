using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>The fixture server, which speaks both generations, behind a gate that allows, refuses, hides and limits.</summary>
internal sealed class ClientGate : IAsyncDisposable
{
    public const int MostEchoes = 2;

    public const string Policy = """
        { "version": "1", "default": "deny", "hide": ["vendor"],
          "tools": { "add": {}, "structured": {}, "slow": {}, "error": {},
                     "big": { "action": "deny", "reason": "too much for one answer." },
                     "echo": { "limits": [ { "counter": "echoes", "window": "month", "max": 2 } ] } } }
        """;

    /// <summary>Opens what a server may ask of its client.</summary>
    public const string OpenPolicy = """
        { "version": "1", "default": "allow", "hide": ["vendor"],
          "methods": { "allow": ["elicitation/create", "sampling/createMessage", "roots/list"] } }
        """;

    private ClientGate(FixtureServer upstream, PeerGate gate)
    {
        Upstream = upstream;
        Gate = gate;
    }

    public FixtureServer Upstream { get; }

    public PeerGate Gate { get; }

    /// <summary>The names a client is shown.</summary>
    public static IReadOnlyList<string> Shown { get; } = ["add", "big", "echo", "error", "slow", "structured"];

    public static async Task<ClientGate> StartAsync(FixtureEras eras = FixtureEras.Dual, string policy = Policy)
    {
        var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Answers = AnswerForm.Sse, Eras = eras });
        return new ClientGate(upstream, await PeerGate.StartAsync(new JsonObject { ["url"] = upstream.Url.ToString() }, policy));
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
