using System.Net.Http.Headers;
using System.Text.Json;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>A gate that is set up by commands alone, with a fixture server behind it.</summary>
internal sealed class OperatedGate : IAsyncDisposable
{
    public const string ModernVersion = "2026-07-28";

    public const string OpenPolicy = """{ "version": "1", "default": "allow" }""";

    private OperatedGate(TemporaryFolder folder, FixtureServer upstream, GateProcess gate)
    {
        Folder = folder;
        Upstream = upstream;
        Gate = gate;
    }

    public TemporaryFolder Folder { get; }

    public FixtureServer Upstream { get; }

    public GateProcess Gate { get; private set; }

    public string Data => Folder.File("data");

    public static async Task<OperatedGate> StartAsync(FixtureOptions? options = null, params string[] more)
    {
        var folder = new TemporaryFolder();
        var upstream = await FixtureServer.StartHttpAsync(options ?? new FixtureOptions());
        return new OperatedGate(folder, upstream, await GateProcess.ServeAsync(folder.File("data"), more));
    }

    /// <summary>Registers the fixture server as `up` and a policy.</summary>
    public async Task SetUpAsync(string policy = OpenPolicy, string name = "p")
    {
        await CommandAsync("server", "add", "up", Upstream.Url.ToString());
        await PolicyAsync(policy, name);
    }

    public Task<JsonElement> PolicyAsync(string document, string name = "p") =>
        CommandAsync("policy", "add", name, Folder.Write(name + ".json", document));

    public async Task<(string Id, string Token)> GrantAsync(string label = "agent", string servers = "up=p")
    {
        var grant = await CommandAsync("grant", "create", "--server", servers, "--label", label);
        return (grant.GetProperty("id").GetString()!, grant.GetProperty("token").GetString()!);
    }

    /// <summary>One command against this gate, as the executable runs it; it must succeed.</summary>
    public async Task<JsonElement> CommandAsync(params string[] arguments)
    {
        var run = await CommandRun.OfAsync([.. arguments, "--data", Data, "--json"]);
        Assert.True(run.Code == 0, $"`{string.Join(' ', arguments)}` ended with {run.Code}: {run.Out}{run.Error}");
        return JsonElement.Parse(run.Out);
    }

    /// <summary>The records that fit, newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(params string[] filters)
    {
        var run = await CommandRun.OfAsync(["audit", "search", "--limit", "0", .. filters, "--data", Data, "--json"]);
        Assert.True(run.Code == 0, run.Error);
        return [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line))];
    }

    public async Task<McpClient> LegacyAsync(string token)
    {
        var client = new McpClient(Gate.Mcp("up"), token);
        await client.InitializeAsync();
        return client;
    }

    public McpClient Modern(string token) => new(Gate.Mcp("up"), token, ModernVersion);

    /// <summary>Ends the gate, by SIGTERM or without warning, and starts another on the same folder.</summary>
    public async Task RestartAsync(bool kill)
    {
        var code = kill ? await Gate.KillAsync() : await Gate.TerminateAsync();
        Assert.True(kill || code == 0, $"the gate ended with {code}: {Gate.Errors}");
        await RestartedAsync();
    }

    /// <summary>Starts a gate again after the one before has ended.</summary>
    public async Task RestartedAsync()
    {
        await Gate.DisposeAsync();
        Gate = await GateProcess.ServeAsync(Data, []);
    }

    /// <summary>A request to the gate with no header but those that are given.</summary>
    public static async Task<(int Status, string Text)> HttpAsync(Uri address, string? bearer = null, string method = "GET", string? host = null, string? origin = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.Headers.Host = host;
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        request.Headers.TryAddWithoutValidation("Origin", origin is null ? [] : [origin]);
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
        Folder.Dispose();
    }
}
