using System.Net;
using System.Text.Json.Nodes;
using Callgate.Gateway.Tests.Approvals;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Webhooks;

/// <summary>A whole gate that tells a receiver about the calls people are asked about.</summary>
public sealed class WebhookGateTests
{
    [Fact]
    public async Task Approval_FromTheQuestionToTheCall_IsToldWithoutAnyValue()
    {
        await using var hooks = await HookListener.StartAsync();
        await using var gate = await ApprovalGate.StartAsync(more: To(hooks.Url, "asked, answered"));
        await using var client = gate.Modern();

        await client.CallAsync("add", Arguments());
        var asked = await hooks.NextAsync();
        var id = await gate.WaitingAsync();
        Assert.Equal((id, new Uri(gate.Gate.Address, "approvals/" + id).AbsoluteUri), (asked.Approval.GetProperty("id").GetString(), asked.Approval.GetProperty("url").GetString()));
        Assert.Equal("""["a","b"]""", asked.Approval.GetProperty("arguments").GetRawText());
        await gate.ApproveAsync(id);
        var approved = await hooks.NextAsync();
        Assert.False((await client.CallAsync("add", Arguments())).IsToolError);
        var spent = await hooks.NextAsync();
        await client.CallAsync("add", Arguments());
        Assert.Equal("approval.asked", (await hooks.NextAsync()).Event);
        await gate.DenyAsync(await gate.WaitingAsync(), "canary-reason");
        var denied = await hooks.NextAsync();

        Assert.Equal(["approval.asked", "approval.approved", "approval.spent", "approval.denied"], [asked.Event, approved.Event, spent.Event, denied.Event]);
        Assert.All([asked, approved, spent, denied], static hook =>
        {
            Assert.DoesNotContain("canary", hook.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("737373", hook.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(RunningGate.Token, hook.Text + string.Join(' ', hook.Headers), StringComparison.Ordinal);
            Assert.DoesNotContain(SampleApproval.Secret, hook.Text + string.Join(' ', hook.Headers), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Notice_WhoseReceiverIsAway_IsDeliveredAfterARestart()
    {
        var port = await HookListener.FreePortAsync();
        await using var gate = await ApprovalGate.StartAsync(more: To(HookListener.UrlOf(port), "asked"));
        await using (var client = gate.Modern())
        {
            await client.CallAsync("add", Arguments());
        }

        var id = await gate.WaitingAsync();
        await gate.Gate.StopAsync();
        await using var hooks = await HookListener.StartAsync(port);
        await gate.RestartAsync();

        Assert.Equal(id, (await hooks.NextAsync()).Approval.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Calls_WhileAReceiverHangs_GoOnAsWithoutOne()
    {
        await using var hooks = await HookListener.StartAsync();
        var release = new TaskCompletionSource();
        hooks.Answer = _ => release.Task;
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms", more: To(hooks.Url, "asked, answered"));
        await using var client = gate.Modern();

        await client.CallAsync("add", Arguments());
        await hooks.NextAsync();

        // The receiver holds its first notice all the while.
        var id = await gate.WaitingAsync();
        await gate.ApproveAsync(id);
        Assert.Equal("737376", (await client.CallAsync("add", Arguments())).FirstText);
        Assert.False((await client.CallAsync("echo", new JsonObject { ["text"] = "hello" })).IsToolError);
        Assert.Equal(0, hooks.Unread);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(gate.Gate.Address, "readyz"))).StatusCode);
        Assert.Contains("\ncallgate_webhooks_waiting 1\n", await http.GetStringAsync(new Uri(gate.Gate.Address, "metrics")), StringComparison.Ordinal);
        release.SetResult();
        Assert.Equal("approval.approved", (await hooks.NextAsync()).Event);
        Assert.Equal("approval.spent", (await hooks.NextAsync()).Event);
    }

    private static JsonObject Arguments() => new() { ["a"] = 737373, ["b"] = 3 };

    private static string To(Uri url, string events) => $", webhooks: [{{ url: \"{url}\", secret: {SampleApproval.Secret}, events: [{events}] }}]";
}
