using Callgate.Fixtures;

namespace Callgate.EndToEnd.Tests.Conformance;

/// <summary>
/// The fixture server twice: one that the suite asks directly, and its twin behind the real gate. They share nothing, so
/// that neither run changes what the other finds.
/// </summary>
internal sealed class Passage : IAsyncDisposable
{
    public const string DirectToken = "conformance-direct-token-of-32-characters-and-more";
    public const string GrantToken = "conformance-grant-token-of-32-characters-and-more";

    private const string UpstreamToken = "conformance-upstream-token-of-32-characters-and-more";

    /// <summary>Every tool, and every method the suite uses.</summary>
    private const string OpenPolicy = """
        { "version": "1", "default": "deny", "tools": { "*": {} },
          "methods": { "allow": ["resources/*", "prompts/*", "completion/complete", "sampling/createMessage", "elicitation/create", "roots/list"] } }
        """;

    private readonly TemporaryFolder folder = new();
    private readonly FixtureServer direct;
    private readonly FixtureServer upstream;
    private GateProcess? gate;

    private Passage(FixtureServer direct, FixtureServer upstream)
    {
        this.direct = direct;
        this.upstream = upstream;
    }

    public Uri Direct => direct.Url;

    public Uri Gated => Gate.Mcp("suite");

    public FixtureServer Upstream => upstream;

    public GateProcess Gate => gate ?? throw new InvalidOperationException("the gate has not started");

    public static async Task<Passage> StartAsync(FixtureOptions options, string policy = OpenPolicy)
    {
        var fixture = options with { Profile = "conformance" };
        var passage = new Passage(
            await FixtureServer.StartHttpAsync(fixture with { Bearer = DirectToken }),
            await FixtureServer.StartHttpAsync(fixture with { Bearer = UpstreamToken }));
        try
        {
            passage.folder.Write("open.json", policy);
            var config = passage.folder.Write("callgate.yaml", $$"""
                servers:
                  suite:
                    url: {{passage.upstream.Url}}
                    headers: { Authorization: "Bearer {{UpstreamToken}}" }
                policies:
                  open: open.json
                grants:
                  tester:
                    token: {{GrantToken}}
                    servers: { suite: open }
                """);
            passage.gate = await GateProcess.StartAsync(config, passage.folder.File("data"));
            return passage;
        }
        catch
        {
            await passage.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same part of the suite both ways at once.</summary>
    public async Task<(SuiteRun Direct, SuiteRun Gated)> RunAsync(params string[] selection)
    {
        var straight = SuiteRun.AgainstAsync(Direct, DirectToken, selection);
        var through = SuiteRun.AgainstAsync(Gated, GrantToken, selection);
        return (await straight, await through);
    }

    public async ValueTask DisposeAsync()
    {
        if (gate is not null)
        {
            await gate.DisposeAsync();
        }

        await direct.DisposeAsync();
        await upstream.DisposeAsync();
        folder.Dispose();
    }
}
