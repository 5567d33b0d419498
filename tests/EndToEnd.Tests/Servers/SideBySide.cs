using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Peers;
using ModelContextProtocol;
using Xunit;

namespace Callgate.EndToEnd.Tests.Servers;

/// <summary>The same server twice, directly and through a gate, and what must be equal or refused.</summary>
internal sealed class SideBySide(SdkSession direct, SdkSession gated)
{
    /// <summary>The list through the gate is the direct one without what is hidden, definition by definition, in the same order.</summary>
    public async Task ListsAgreeAsync(int expected, params string[] hidden)
    {
        var here = await direct.ToolsAsync();
        var there = await gated.ToolsAsync();

        Assert.Equal(expected, here.Count);
        Assert.All(hidden, name => Assert.Contains(here, tool => NameOf(tool) == name));
        var left = here.Where(tool => !hidden.Contains(NameOf(tool), StringComparer.Ordinal)).ToArray();
        Assert.Equal(left.Select(NameOf), there.Select(NameOf));
        foreach (var (wanted, got) in left.Zip(there))
        {
            Assert.True(JsonNode.DeepEquals(wanted, got), $"the definition of {NameOf(wanted)} came through changed:\n{wanted.ToJsonString()}\n{got.ToJsonString()}");
        }
    }

    /// <summary>The call has the same result on both ways.</summary>
    public async Task<JsonNode> CallsAgreeAsync(string tool, JsonObject? arguments = null, string? progressToken = null)
    {
        var wanted = await direct.CallAsync(tool, arguments, progressToken);
        var got = await gated.CallAsync(tool, arguments, progressToken);

        Assert.True(JsonNode.DeepEquals(wanted, got), $"the result of {tool} came through changed:\n{wanted.ToJsonString()}\n{got.ToJsonString()}");
        return got;
    }

    /// <summary>Any other request has the same result on both ways.</summary>
    public async Task AnswersAgreeAsync(string method, JsonObject? parameters = null)
    {
        var wanted = await direct.RequestAsync(method, parameters);
        var got = await gated.RequestAsync(method, parameters);

        Assert.True(JsonNode.DeepEquals(wanted, got), $"{method} was answered otherwise:\n{wanted.ToJsonString()}\n{got.ToJsonString()}");
    }

    /// <summary>The call is refused as the contract says: a tool result with a text for the model, a code, a rule and the id of the record.</summary>
    public async Task RefusedAsync(string tool, JsonObject arguments, (string Code, string Rule, string Text) wanted)
    {
        var result = await gated.CallAsync(tool, arguments);

        var text = result["content"]![0]!["text"]!.GetValue<string>();
        var denial = result["_meta"]!["callgate/denial"]!;
        Assert.True(result["isError"]!.GetValue<bool>());
        Assert.StartsWith("Denied by policy: " + wanted.Text, text, StringComparison.Ordinal);
        Assert.Equal((wanted.Code, wanted.Rule), (denial["code"]!.GetValue<string>(), denial["rule"]!.GetValue<string>()));
        Assert.EndsWith("ref " + denial["ref"]!.GetValue<string>(), text, StringComparison.Ordinal);
        Assert.Equal(wanted.Code == "limit.exceeded", denial["retry_after_seconds"] is not null);
    }

    /// <summary>The tool exists for the server and not for this client.</summary>
    public async Task UnknownAsync(string tool, JsonObject arguments)
    {
        var error = await Assert.ThrowsAsync<McpProtocolException>(() => gated.CallAsync(tool, arguments));

        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
        Assert.Contains("Unknown tool: " + tool, error.Message, StringComparison.Ordinal);
    }

    private static string NameOf(JsonNode tool) => tool["name"]!.GetValue<string>();
}
