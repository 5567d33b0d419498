using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests;

/// <summary>The demo as shipped: its configuration, its policy and its server, behind the real gate.</summary>
public sealed class DemoTests
{
    private const string Token = "demo-token-for-tests-of-at-least-32-characters";

    [Fact]
    public async Task Demo_AsShipped_ShowsEveryKindOfAnswer()
    {
        using var folder = new TemporaryFolder();
        await using var gate = await GateProcess.StartAsync(GateProcess.Built("demo/callgate.demo.yaml"), folder.File("data"), new Dictionary<string, string>
        {
            ["CALLGATE_DEMO_SERVER"] = GateProcess.Built("callgate-demo.dll"),
            ["CALLGATE_DEMO_TOKEN"] = Token,
        });
        await using var client = new McpClient(gate.Mcp("shop"), Token);
        await client.InitializeAsync();

        Assert.Equal(["list_orders", "get_order", "add_note", "refund_order"], (await client.ListToolsAsync()).Select(t => t.Text("name")));
        Assert.Contains("A-1001", (await client.CallAsync("list_orders")).FirstText, StringComparison.Ordinal);
        Assert.Equal("policy.default_deny", (await client.CallAsync("send_report", new JsonObject { ["recipient"] = "x" })).Denial.Text("code"));
        Assert.Equal(-32602, (await client.CallAsync("delete_order", Order("A-1001"))).Error.Number("code", 0));

        var refund = Order("A-1003");
        refund["amount_cents"] = 100;
        var denied = await client.CallAsync("refund_order", refund);
        Assert.Equal("policy.denied", denied.Denial.Text("code"));
        Assert.Contains("Refunds are made by a person at the desk.", denied.FirstText, StringComparison.Ordinal);

        var left = await client.CallAsync("get_order", Order("A-1003"));
        Assert.Contains("paid", left.FirstText, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Undefined, left.Denial.ValueKind);
    }

    private static JsonObject Order(string id) => new() { ["order_id"] = id };
}
