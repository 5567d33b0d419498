using Callgate.Fixtures;

namespace Callgate.EndToEnd.Tests;

/// <summary>A gate in a process of its own before one fixture server, as server <c>up</c>, for one grant that may do everything.</summary>
internal sealed class DeclaredGate : IAsyncDisposable
{
    public const string Token = "declared-gate-token-of-at-least-32-characters";

    private readonly TemporaryFolder folder;

    private DeclaredGate(TemporaryFolder folder, FixtureServer upstream, GateProcess process)
    {
        this.folder = folder;
        Upstream = upstream;
        Process = process;
    }

    public FixtureServer Upstream { get; }

    public GateProcess Process { get; }

    /// <summary>The lines of the journal, oldest first.</summary>
    public IEnumerable<string> Journal =>
        Directory.GetFiles(Path.Combine(Process.DataDirectory, "journal"), "*.jsonl").Order(StringComparer.Ordinal).SelectMany(File.ReadLines);

    public static async Task<DeclaredGate> StartAsync()
    {
        var folder = new TemporaryFolder();
        var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        folder.Write("p.json", """{ "version": "1", "default": "allow" }""");
        var config = folder.Write("callgate.yaml", $$"""
            servers:
              up: { url: {{upstream.Url}} }
            policies:
              p: p.json
            grants:
              agent: { token: {{Token}}, servers: { up: p } }
            """);
        return new DeclaredGate(folder, upstream, await GateProcess.StartAsync(config, folder.File("data")));
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Upstream.DisposeAsync();
        folder.Dispose();
    }
}
