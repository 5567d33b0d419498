using System.Text;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hostile;
using Xunit;

namespace Callgate.Gateway.Tests.Modern;

/// <summary>A gate whose server mirrors arguments of every kind into headers.</summary>
public sealed class ParameterGate : IAsyncLifetime
{
    private const string Typed = """
        {"name":"typed","inputSchema":{"type":"object","properties":{
          "region":{"type":"string","x-mcp-header":"Region"},"count":{"type":"integer","x-mcp-header":"Count"},"flag":{"type":"boolean","x-mcp-header":"Flag"},
          "place":{"type":"object","properties":{"zone":{"type":"string","x-mcp-header":"Zone"}}},"plain":{"type":"string"}}}}
        """;

    private const string Twice = """{"name":"twice","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"Same"},"b":{"type":"string","x-mcp-header":"same"}}}}""";

    internal ModernGate Gate { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Gate = await ModernGate.StartAsync(
            new FixtureOptions { OnCall = static turn => ValueTask.FromResult<JsonNode?>(turn.Tool is "typed" or "twice" or "größe" ? new JsonObject { ["content"] = new JsonArray() } : null) },
            """{"version":"1","default":"allow","tools":{"typed":{"validation":"off"}}}""", // headers are judged here, not types
            tools: static tools =>
            {
                tools.Add(JsonNode.Parse(Typed));
                tools.Add(JsonNode.Parse(Twice));
                tools.Add(JsonNode.Parse("""{"name":"größe","inputSchema":{"type":"object"}}"""));
            });

        // The first request of all makes the gate meet the server, so it is none of those that are watched.
        await using var client = Gate.Client();
        await client.ListToolsAsync();
    }

    public ValueTask DisposeAsync() => Gate.DisposeAsync();
}

/// <summary><c>Mcp-Param-*</c>: what the client sends must agree with the body, and what goes up is made of the body by us.</summary>
public sealed class ParameterHeaderTests(ParameterGate parameters) : IClassFixture<ParameterGate>
{
    /// <summary>Arguments, the client's headers, and what the upstream must be sent, each as <c>Name=value;…</c>.</summary>
    public static TheoryData<string, string, string> Agreeing { get; } = new()
    {
        { "{}", "", "" },
        { """{"plain":"x"}""", "", "" },
        { """{"region":"eu"}""", "Region=eu", "Region=eu" },
        { """{"region":"eu"}""", "rEGION=eu", "Region=eu" },
        { """{"region":"eu"}""", "Region=  eu ", "Region=eu" },
        { """{"region":"eu"}""", "Region==?base64?ZXU=?=", "Region=eu" },
        { """{"region":"größe"}""", "Region==?base64?Z3LDtsOfZQ==?=", "Region==?base64?Z3LDtsOfZQ==?=" },
        { """{"region":" eu"}""", "Region==?base64?IGV1?=", "Region==?base64?IGV1?=" },
        { """{"region":""}""", "Region==?base64??=", "Region==?base64??=" },
        { """{"region":"=?base64?ZXU=?="}""", "Region==?base64?PT9iYXNlNjQ/WlhVPT89?=", "Region==?base64?PT9iYXNlNjQ/WlhVPT89?=" },
        { """{"region":"=?base64?ZXU="}""", "Region==?base64?ZXU=", "Region==?base64?PT9iYXNlNjQ/WlhVPQ==?=" },
        { """{"region":"a\r\nX-Evil: 1"}""", "Region==?base64?YQ0KWC1FdmlsOiAx?=", "Region==?base64?YQ0KWC1FdmlsOiAx?=" },
        { """{"count":3}""", "Count=3", "Count=3" },
        { """{"count":3}""", "Count=3.0", "Count=3" },
        { """{"count":300}""", "Count=3e2", "Count=300" },
        { """{"count":-7}""", "Count=-7", "Count=-7" },
        { """{"flag":true}""", "Flag=true", "Flag=true" },
        { """{"flag":false}""", "Flag=false", "Flag=false" },
        { """{"region":null}""", "", "" },
        { """{"place":{"zone":"b"}}""", "Zone=b", "Zone=b" },
        { """{"place":{}}""", "", "" },
        { """{"region":"eu","count":1,"flag":true,"place":{"zone":"z"}}""", "Zone=z;Flag=true;Count=1;Region=eu", "Region=eu;Count=1;Flag=true;Zone=z" },
    };

    public static TheoryData<string, string> Disagreeing { get; } = new()
    {
        { """{"region":"eu"}""", "" },
        { """{"region":"eu"}""", "Region=us" },
        { """{"region":"eu"}""", "Region=EU" },
        { """{"region":"eu"}""", "Region=" },
        { """{"region":"eu"}""", "Region=eu;Region=eu" },
        { """{"region":"eu"}""", "Region=eu;region=us" },
        { """{"region":"eu"}""", "Region=eu, us" },
        { """{"region":"eu"}""", "Region==?BASE64?ZXU=?=" },
        { """{"region":"eu"}""", "Region==?base64?ZXU?=" },
        { """{"region":"eu"}""", "Region==?base64?ZXU=" },
        { """{"region":""}""", "Region==?base64?=" },
        { """{"region":"=?base64?="}""", "Region==?base64?=" },
        { """{"region":"1"}""", "Region=1.0" },
        { """{"region":"1"}""", "Region=+1" },
        { """{"region":"true"}""", "Region=True" },
        { "{}", "Region=eu" },
        { """{"region":null}""", "Region=null" },
        { """{"region":null}""", "Region=" },
        { """{"region":{"a":1}}""", "Region={\"a\":1}" },
        { """{"region":["eu"]}""", "Region=eu" },
        { """{"count":3}""", "Count=4" },
        { """{"count":3}""", "Count=three" },
        { """{"count":3}""", "Count=0x3" },
        { """{"count":3}""", "Count=3,0" },
        { """{"count":"3"}""", "Count=3.0" },
        { """{"flag":true}""", "Flag=1" },
        { """{"flag":true}""", "Flag=TRUE" },
        { """{"place":{"zone":"b"}}""", "" },
        { """{"zone":"b"}""", "Zone=b" },
        { """{"plain":"x"}""", "Plain=x" },
        { """{"region":"eu"}""", "Region=eu;Stray=1" },
        { "{}", "Stray=1" },
        { "{}", "=1" },
    };

    [Theory]
    [MemberData(nameof(Agreeing))]
    public async Task Headers_ThatAgree_GoUpAsWeMakeThem(string arguments, string sent, string made)
    {
        var answer = await CallAsync("typed", arguments, sent);
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("error", answer.Text, StringComparison.Ordinal);
        var request = parameters.Gate.Upstream.Recording.Calls[^1];
        var up = request.Headers.Where(static header => header.Key.StartsWith("Mcp-Param-", StringComparison.OrdinalIgnoreCase)).Select(static header => $"{header.Key["Mcp-Param-".Length..]}={header.Value}");
        Assert.Equal(made.Split(';', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), up.Order(StringComparer.Ordinal));
        Assert.Null(request.Header("X-Evil"));
    }

    [Theory]
    [MemberData(nameof(Disagreeing))]
    public async Task Headers_ThatDisagree_AreRefused(string arguments, string sent)
    {
        var before = parameters.Gate.Upstream.Recording.Requests.Count;
        var answer = await CallAsync("typed", arguments, sent);
        Assert.Equal(400, answer.Status);
        Assert.Equal(-32020, HostileGate.CodeOf(answer));
        Assert.Equal(before, parameters.Gate.Upstream.Recording.Requests.Count);
    }

    [Fact]
    public async Task Tool_ThatMirrorsTwoArgumentsIntoOneHeader_CannotBeCalledAmbiguously()
    {
        var before = parameters.Gate.Upstream.Recording.Requests.Count;
        Assert.Equal(400, (await CallAsync("twice", """{"a":"x","b":"y"}""", "Same=x")).Status);
        Assert.Equal(before, parameters.Gate.Upstream.Recording.Requests.Count);
    }

    [Fact]
    public async Task Name_BeyondAscii_WorksEncoded()
    {
        await using var client = parameters.Gate.Client();
        Assert.Equal(200, (await client.CallAsync("größe")).Status);
        Assert.Equal("=?base64?Z3LDtsOfZQ==?=", parameters.Gate.Upstream.Recording.Calls[^1].Header("Mcp-Name"));
    }

    private async Task<RawResponse> CallAsync(string tool, string arguments, string sent)
    {
        var headers = sent.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static pair => ("Mcp-Param-" + pair[..pair.IndexOf('=', StringComparison.Ordinal)], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]));
        await using var raw = await RawClient.ConnectAsync(parameters.Gate.Gate.Address);
        await raw.SendAsync(RawClient.Request("POST", parameters.Gate.Gate.Mcp("up"), Encoding.UTF8.GetBytes(Bodies.Call(true, $"\"{tool}\"", arguments)), [.. ModernGate.Headers("tools/call", tool), .. headers]));
        return await raw.ReadResponseAsync();
    }
}
