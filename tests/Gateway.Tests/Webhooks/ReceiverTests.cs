using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Tests.Storage;
using Callgate.Gateway.Tests.Upstreams;
using Callgate.Gateway.Webhooks;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Callgate.Gateway.Tests.Webhooks;

/// <summary>Delivery to one receiver: a real store, a real receiver, and time that passes when a test says so.</summary>
public sealed class ReceiverTests : IAsyncLifetime
{
    private static readonly TimeSpan[] BackOff = [.. new double[] { 1, 5, 30, 120, 600, 1800, 1800 }.Select(TimeSpan.FromSeconds)];

    private readonly StoreFolder folder = new();
    private readonly ManualTime time = new();
    private readonly Lines log = new();
    private readonly List<IAsyncDisposable> owned = [];
    private HookListener hooks = null!; // set before each test
    private SqliteConfigStore store = null!; // set before each test
    private Webhook webhook = null!; // set by the test

    public async ValueTask InitializeAsync()
    {
        hooks = await HookListener.StartAsync();
        store = await SqliteConfigStore.OpenAsync(folder.StorePath, Keyring.Open(folder.Root), time);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in owned)
        {
            await part.DisposeAsync();
        }

        await store.DisposeAsync();
        await hooks.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Notice_ThatIsDelivered_IsSignedAndGone()
    {
        await SaveAsync(hooks.Url, SampleApproval.Of("one"));
        Receive();

        var hook = await hooks.NextAsync();
        var at = hook.Json;
        var signature = hook.Headers["Callgate-Signature"].Split(',');
        var stamp = signature[0]["t=".Length..];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(SampleApproval.Secret), Encoding.UTF8.GetBytes(stamp + "." + hook.Text));

        Assert.Equal(time.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), stamp);
        Assert.Equal("v1=" + Convert.ToHexStringLower(expected), signature[1]);
        Assert.Equal(("approval.asked", "approval.asked", "application/json"), (hook.Event, at.GetProperty("event").GetString(), hook.Headers["Content-Type"]));
        Assert.Equal(hook.Delivery, at.GetProperty("delivery").GetString());
        Assert.Equal(
            """{"id":"one","url":"https://gate.example.com/approvals/one","state":"pending","server":"up","tool":"add","category":"Write","risk":"Medium","grant":"laptop","grant_label":"Ann\u0027s laptop","identity":"ann@example.com","client":"agent 1.0","policy":"p","rule":"/tools/add/action","reason":"adding is serious","arguments":["a","b"],"approvers":1,"asked":"2026-11-21T12:00:00.000Z","expires":"2026-11-21T13:00:00.000Z","votes":[]}""",
            hook.Approval.GetRawText());
        await EmptyAsync();
        Assert.DoesNotContain("canary", hook.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notice_OfWhatBecameOfIt_NamesWhoAnsweredAndHow()
    {
        var approval = SampleApproval.Of("one");
        await SaveAsync(hooks.Url, approval);
        var receiver = Receive();
        var asked = await hooks.NextAsync();
        await store.SaveApprovalAsync(SampleApproval.Approved(approval));
        await store.SaveApprovalAsync(SampleApproval.Spent(approval));
        receiver.Wake();

        var (approved, spent) = (await hooks.NextAsync(), await hooks.NextAsync());

        Assert.Equal(["approval.asked", "approval.approved", "approval.spent"], [asked.Event, approved.Event, spent.Event]);
        Assert.Equal(("approved", """["a","b"]""", """[{"operator":"ada","approves":true}]"""), (approved.Approval.GetProperty("state").GetString(), approved.Approval.GetProperty("arguments").GetRawText(), approved.Approval.GetProperty("votes").GetRawText()));
        Assert.Equal("null", spent.Approval.GetProperty("arguments").GetRawText());
        Assert.DoesNotContain("canary", asked.Text + approved.Text + spent.Text, StringComparison.Ordinal);
        Assert.Equal(3, new[] { asked.Delivery, approved.Delivery, spent.Delivery }.Distinct().Count());
    }

    [Fact]
    public async Task Receiver_ThatAnswers500_IsTriedAgainAfterLongerAndLonger()
    {
        hooks.AnswerWith(StatusCodes.Status500InternalServerError);
        await SaveAsync(hooks.Url, SampleApproval.Of("one") with { Expires = SampleApproval.Asked + TimeSpan.FromDays(1) });
        var receiver = Receive();
        var first = await hooks.NextAsync();
        foreach (var pause in BackOff)
        {
            await time.ArmedAsync(pause);
            Assert.Equal(0, hooks.Unread);
            time.Advance(pause);
            var again = await hooks.NextAsync();
            Assert.Equal((first.Delivery, first.Text), (again.Delivery, again.Text));
            Assert.NotEqual(first.Headers["Callgate-Signature"], again.Headers["Callgate-Signature"]);
        }

        await time.ArmedAsync(BackOff[^1]);
        Assert.Contains("webhook 1 (127.0.0.1) has taken no notice for 73 min (it answered 500); 1 wait", receiver.Fault, StringComparison.Ordinal);
        hooks.AnswerWith(StatusCodes.Status200OK);
        time.Advance(BackOff[^1]);
        await EmptyAsync();
        Assert.Null(receiver.Fault);
        Assert.DoesNotContain("canary", log.Text, StringComparison.Ordinal);
        Assert.Contains("webhook 1 (127.0.0.1) takes notices again", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receiver_ThatNeverAnswers_IsGivenUpAfterTenSecondsAndTriedAgain()
    {
        using var end = new CancellationTokenSource();
        hooks.Answer = context => Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, end.Token).Token);
        await SaveAsync(hooks.Url, SampleApproval.Of("one"));
        Receive();
        await hooks.NextAsync();
        await time.ArmedAsync(OutsidePost.Limit);

        time.Advance(OutsidePost.Limit);
        await time.ArmedAsync(BackOff[0]);
        Assert.Contains("no answer within 10 s", log.Text, StringComparison.Ordinal);
        hooks.AnswerWith(StatusCodes.Status202Accepted);
        time.Advance(BackOff[0]);
        await EmptyAsync();
        await end.CancelAsync();
    }

    [Fact]
    public async Task Receiver_ThatIsNotThere_IsFoundWhenItComes()
    {
        var port = await HookListener.FreePortAsync();
        await SaveAsync(HookListener.UrlOf(port), SampleApproval.Of("one"));
        Receive();
        await time.ArmedAsync(BackOff[0]);
        Assert.Contains("no connection; it is tried again in 1 s", log.Text, StringComparison.Ordinal);

        await using var late = await HookListener.StartAsync(port);
        time.Advance(BackOff[0]);
        Assert.Equal("one", (await late.NextAsync()).Approval.GetProperty("id").GetString());
        Assert.DoesNotContain("canary", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receiver_ThatRedirects_IsNotFollowed()
    {
        await using var elsewhere = await HookListener.StartAsync();
        hooks.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = elsewhere.Url.AbsoluteUri;
            return Task.CompletedTask;
        };
        await SaveAsync(hooks.Url, SampleApproval.Of("one"));
        Receive();
        await time.ArmedAsync(BackOff[0]);

        Assert.Equal(0, elsewhere.Unread);
        Assert.Contains("it answered 307, and redirects are not followed", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notices_OfOneReceiver_ComeOneAtATimeInOrder()
    {
        var release = new TaskCompletionSource();
        hooks.Answer = _ => release.Task;
        await SaveAsync(hooks.Url, SampleApproval.Of("one"), SampleApproval.Of("two"), SampleApproval.Of("three"));
        var receiver = Receive();

        Assert.Equal("one", (await hooks.NextAsync()).Approval.GetProperty("id").GetString());
        receiver.Wake();
        await time.ArmedAsync(OutsidePost.Limit);
        Assert.Equal(0, hooks.Unread);
        release.SetResult();
        Assert.Equal("two", (await hooks.NextAsync()).Approval.GetProperty("id").GetString());
        Assert.Equal("three", (await hooks.NextAsync()).Approval.GetProperty("id").GetString());
        await EmptyAsync();
    }

    [Fact]
    public async Task Question_ThatIsSettledBeforeItIsTaken_IsDroppedAtOnce()
    {
        hooks.AnswerWith(StatusCodes.Status503ServiceUnavailable);
        var approval = SampleApproval.Of("one");
        await SaveAsync(new Webhook(1, hooks.Url, SampleApproval.Secret, WebhookFormat.Json, true, false), approval);
        var receiver = Receive();
        await time.ArmedAsync(BackOff[0]);

        await store.SaveApprovalAsync(SampleApproval.Approved(approval));
        receiver.Wake();
        await EmptyAsync();
        Assert.Contains("is dropped: nobody needs to be asked any more", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_WhoseTimeRanOut_IsDropped()
    {
        hooks.AnswerWith(StatusCodes.Status503ServiceUnavailable);
        await SaveAsync(hooks.Url, SampleApproval.Of("one"));
        var receiver = Receive();
        await time.ArmedAsync(BackOff[0]);

        time.Advance(TimeSpan.FromHours(1));
        receiver.Wake();
        await EmptyAsync();
        Assert.Contains("is dropped: nobody needs to be asked any more", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notice_ThatNobodyTakesForADay_IsDropped()
    {
        hooks.AnswerWith(StatusCodes.Status500InternalServerError);
        await SaveAsync(hooks.Url, SampleApproval.Spent(SampleApproval.Of("one")));
        var receiver = Receive();
        await time.ArmedAsync(BackOff[0]);

        time.Advance(TimeSpan.FromHours(24));
        receiver.Wake();
        await EmptyAsync();
        Assert.Contains("is dropped: it was not taken for a day", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notice_ThatIsRefusedFiveTimes_MakesRoomForTheNext()
    {
        hooks.Answer = async context =>
        {
            await Task.Yield();
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        };
        await SaveAsync(hooks.Url, SampleApproval.Of("one"), SampleApproval.Of("two"));
        Receive();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("one", (await hooks.NextAsync()).Approval.GetProperty("id").GetString());
            await time.ArmedAsync(BackOff[i]);
            if (i == 4)
            {
                hooks.AnswerWith(StatusCodes.Status204NoContent);
            }

            time.Advance(BackOff[i]);
        }

        Assert.Equal("two", (await hooks.NextAsync()).Approval.GetProperty("id").GetString());
        await EmptyAsync();
        Assert.Contains("is dropped: it was refused too often", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slack_Notice_IsOneTextWithALink()
    {
        await SaveAsync(new Webhook(1, hooks.Url, null, WebhookFormat.Slack, true, true), SampleApproval.Of("one"));
        Receive();

        var hook = await hooks.NextAsync();
        Assert.Equal("text", Assert.Single(hook.Json.EnumerateObject()).Name);
        Assert.Equal(
            """
            *Approval asked:* `add` on `up` (Write, risk Medium)
            Grant `Ann's laptop` of `ann@example.com`, client `agent 1\u002e0`
            Arguments: `a`, `b`
            Rule `/tools/add/action`: adding is serious
            Until 2026-11-21 13:00 UTC
            <https://gate.example.com/approvals/one|Show and answer>
            """,
            hook.Json.GetProperty("text").GetString());
        Assert.False(hook.Headers.ContainsKey("Callgate-Signature"));
    }

    private Task SaveAsync(Uri url, params Approval[] approvals) =>
        SaveAsync(new Webhook(1, url, SampleApproval.Secret, WebhookFormat.Json, true, true), approvals);

    private async Task SaveAsync(Webhook told, params Approval[] approvals)
    {
        webhook = told;
        await store.SetWebhooksAsync([webhook]);
        foreach (var approval in approvals)
        {
            await store.SaveApprovalAsync(approval);
        }
    }

    private Receiver Receive()
    {
        var pages = new ApprovalPages(ApprovalPages.UsualWait, new Uri("https://gate.example.com"));
        var post = new NoticePost(pages, time);
        var receiver = new Receiver(webhook, store, post, time, log);
        owned.Add(receiver);
        receiver.Start(Task.CompletedTask);
        return receiver;
    }

    private async Task EmptyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await store.FirstNoticeAsync(webhook.Key, 1_000)).First is not null)
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
