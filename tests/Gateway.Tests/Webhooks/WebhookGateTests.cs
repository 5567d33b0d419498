using System.Net;
using System.Text.Json.Nodes;
using Callgate.Gateway.Tests.Approvals;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Webhooks;
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

    [Fact]
    public async Task Reload_OfOtherWebhooks_TellsThemAndLosesNothingOfThoseThatStay()
    {
        const string Other = "another-secret-0123456789abcdef0123456789abcdef";
        await using var stays = await HookListener.StartAsync();
        await using var comes = await HookListener.StartAsync();
        stays.AnswerWith(503);
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms", more: To(stays.Url, "asked"));
        await using var client = gate.Modern();
        await client.CallAsync("add", Arguments());
        var refused = await stays.NextAsync();
        var id = await gate.WaitingAsync();

        // What could not be delivered is, under the new secret, and not to the one who was not asked to hear it.
        stays.AnswerWith(204);
        await ReplaceAsync(gate, SampleApproval.Secret, Other, "events: [asked] }]", $"events: [asked] }}, {{ url: \"{comes.Url}\", format: slack }}]");
        var again = await stays.NextAsync();
        while (Signature(again, Other) != again.Headers["Callgate-Signature"])
        {
            again = await stays.NextAsync();
        }

        Assert.Equal((refused.Delivery, id), (again.Delivery, again.Approval.GetProperty("id").GetString()));
        Assert.Equal(0, comes.Unread);
        await client.CallAsync("echo", new JsonObject { ["text"] = "loud" });
        Assert.Contains("`echo`", (await comes.NextAsync()).Json.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("echo", (await stays.NextAsync()).Approval.GetProperty("tool").GetString());

        // Of one that is taken out nothing waits any more.
        stays.AnswerWith(503);
        await client.CallAsync("slow");
        await stays.NextAsync();
        await ReplaceAsync(gate, $"{{ url: \"{stays.Url}\", secret: {Other}, events: [asked] }}, ", "");
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await http.GetStringAsync(new Uri(gate.Gate.Address, "metrics"), patience.Token)).Contains("\ncallgate_webhooks_waiting 0\n", StringComparison.Ordinal))
        {
            await Task.Delay(20, patience.Token);
        }

        await client.CallAsync("structured");
        Assert.Contains("`slow`", (await comes.NextAsync()).Json.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("`structured`", (await comes.NextAsync()).Json.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, stays.Unread);
    }

    private static string Signature(Hook hook, string secret) =>
        NoticePost.Signature(secret, DateTimeOffset.FromUnixTimeSeconds(long.Parse(hook.Headers["Callgate-Signature"][2..].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)), hook.Body);

    /// <summary>Changes the configuration file as an editor does; the gate notices.</summary>
    private static async Task ReplaceAsync(ApprovalGate gate, params string[] pairs)
    {
        var text = await File.ReadAllTextAsync(gate.Gate.ConfigFile);
        for (var i = 0; i < pairs.Length; i += 2)
        {
            Assert.Contains(pairs[i], text, StringComparison.Ordinal);
            text = text.Replace(pairs[i], pairs[i + 1], StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(gate.Gate.ConfigFile, text);
    }

    private static JsonObject Arguments() => new() { ["a"] = 737373, ["b"] = 3 };

    private static string To(Uri url, string events) => $", webhooks: [{{ url: \"{url}\", secret: {SampleApproval.Secret}, events: [{events}] }}]";
}
