using System.Net.Http.Headers;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>What waits for a slow server where it is no call yet: a stop ends it with the reason of the stop, and in the record.</summary>
public sealed class CutTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();

    private readonly OffsetTime time = new();
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-test-");
    private ExactUpstream upstream = null!;
    private RunningGate gate = null!;
    private McpClient client = null!;
    private JournalTail journal = null!;

    /// <summary>A session with a server whose tools could not be listed, and which answers nothing any more.</summary>
    public async ValueTask InitializeAsync()
    {
        upstream = await ExactUpstream.StartAsync();
        upstream.ToolList = "{}";
        gate = await RunningGate.StartInAsync(folder.FullName, RunningGate.OneServer(upstream.Url), time, ("p.json", LegacyRig.OpenPolicy));
        client = LegacyRig.Client(gate);
        await client.InitializeAsync();
        journal = new JournalTail(gate);
        journal.Lines();

        // The last attempt to list its tools failed long enough ago for the next one.
        time.Advance(TimeSpan.FromSeconds(5));
        upstream.Answer = async (http, _) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return true;
        };
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await gate.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task List_WaitsForFirstContact_IsCompletedInTheRecord()
    {
        using var answer = await StoppedAsync(PostAsync("""{"jsonrpc":"2.0","id":7,"method":"tools/list"}"""));

        Assert.Equal(503, (int)answer.StatusCode);
        var lines = journal.Lines().Select(static line => JsonElement.Parse(line)).ToList();
        var call = Assert.Single(lines, static line => line.Text("method") == "tools/list");
        Assert.Equal("abandoned", Assert.Single(lines, line => line.Text("of") == call.Text("id")).Text("outcome"));
        Assert.DoesNotContain(lines, static line => line.Text("code") is "gateway.failed");
    }

    [Theory]
    [InlineData("notification")]
    [InlineData("end")]
    [InlineData("modern")]
    public async Task Request_WaitsWhereItHasNoRecord_IsRefusedInTheRecord(string kind)
    {
        using var answer = await StoppedAsync(kind switch
        {
            "notification" => PostAsync("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"""),
            "end" => EndAsync(),
            _ => ModernAsync(),
        });

        Assert.Equal(503, (int)answer.StatusCode);
        var refused = Assert.Single(journal.Next(), static call => call.Text("grant") is not null && call.Text("decision") == "deny");
        Assert.Equal(("gateway.stopped", "up", "refused"), (refused.Text("code"), refused.Text("server"), refused.Text("outcome")));
    }

    private async Task<HttpResponseMessage> StoppedAsync(Task<HttpResponseMessage> asked)
    {
        await reached.Task.WaitAsync(LegacyRig.Patience);
        using var stop = new HttpRequestMessage(HttpMethod.Put, new Uri(gate.Address, "api/v1/stops/all"));
        stop.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gate.AdminToken);
        (await Http.SendAsync(stop)).EnsureSuccessStatusCode();
        return await asked.WaitAsync(LegacyRig.Patience);
    }

    private Task<HttpResponseMessage> PostAsync(string body) => LegacyRig.PostAsync(gate.Mcp("up"), client, body);

    private async Task<HttpResponseMessage> EndAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, gate.Mcp("up"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", RunningGate.Token);
        request.Headers.Add("Mcp-Session-Id", client.SessionId);
        return await Http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> ModernAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, gate.Mcp("up"))
        {
            Content = new StringContent("""
                {"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}
                """, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", RunningGate.Token);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/list");
        return await Http.SendAsync(request);
    }
}
