using Callgate.Gateway.Approvals;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Tests.Storage;
using Callgate.Gateway.Webhooks;
using Xunit;

namespace Callgate.Gateway.Tests.Webhooks;

/// <summary>The queue of notices: written with the approval, kept over a restart and the death of the process.</summary>
public sealed class WebhookStoreTests : IDisposable
{
    private static readonly Webhook Questions = new(1, new Uri("https://a.example/x"), null, WebhookFormat.Slack, Asked: true, Answered: false);
    private static readonly Webhook Both = new(2, new Uri("https://b.example/x"), SampleApproval.Secret, WebhookFormat.Json, Asked: true, Answered: true);

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Save_EachStateOnce_QueuesWhatEachWebhookWants()
    {
        await using var store = await folder.OpenAsync();
        await store.SetWebhooksAsync([Questions, Both]);
        var approval = SampleApproval.Of("one") with { Approvers = 2 };
        await store.SaveApprovalAsync(approval);
        await store.SaveApprovalAsync(approval);
        await store.SaveApprovalAsync(SampleApproval.Approved(approval));
        await store.SaveApprovalAsync(SampleApproval.Approved(approval) with { State = ApprovalState.Approved });
        await store.SaveApprovalAsync(SampleApproval.Spent(approval));

        Assert.Equal(["approval.asked"], await EventsAsync(store, Questions));
        Assert.Equal(["approval.asked", "approval.approved", "approval.spent"], await EventsAsync(store, Both));
    }

    [Fact]
    public async Task Queue_AfterTheProcessDied_HoldsExactlyWhatTheApprovalsSay()
    {
        await using var store = await folder.OpenAsync();
        await store.SetWebhooksAsync([Both]);
        await store.SaveApprovalAsync(SampleApproval.Of("one"));

        // What lies on the disk now is what a process that is killed here leaves behind.
        using var copy = new StoreFolder();
        foreach (var file in Directory.EnumerateFiles(folder.Root).Where(static file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, copy.At(Path.GetFileName(file)), overwrite: true);
        }

        await using var after = await copy.OpenAsync();
        Assert.Equal(0, await after.SetWebhooksAsync([Both]));
        var owed = await after.FirstNoticeAsync(Both.Key, 10);
        Assert.Equal((await store.FirstNoticeAsync(Both.Key, 10)).First!.Id, owed.First!.Id);
        Assert.Equal("one", Assert.Single(await after.LoadApprovalsAsync()).Id);
        Assert.Equal((1, 0), (owed.Waiting, owed.Dropped));
    }

    [Fact]
    public async Task Queue_ThatIsLongerThanItMay_LosesTheOldest()
    {
        await using var store = await folder.OpenAsync();
        await store.SetWebhooksAsync([Both]);
        foreach (var id in new[] { "1", "2", "3", "4", "5" })
        {
            await store.SaveApprovalAsync(SampleApproval.Of(id));
        }

        var owed = await store.FirstNoticeAsync(Both.Key, 3);
        Assert.Equal(("3", 3, 2), (owed.First!.Approval.Id, owed.Waiting, owed.Dropped));
    }

    [Fact]
    public async Task Webhooks_ThatAreNoLongerDeclared_AreOwedNothing()
    {
        await using var store = await folder.OpenAsync();
        await store.SetWebhooksAsync([Questions, Both]);
        await store.SaveApprovalAsync(SampleApproval.Of("one"));

        Assert.Equal(1, await store.SetWebhooksAsync([Both with { Number = 1 }]));
        Assert.Equal(1, (await store.FirstNoticeAsync(Both.Key, 10)).Waiting);
        Assert.Equal(1, await store.SetWebhooksAsync([]));
        await store.SaveApprovalAsync(SampleApproval.Of("two"));
        Assert.Equal(0, await store.SetWebhooksAsync([Questions, Both]));
        Assert.Empty(await EventsAsync(store, Both));
    }

    [Fact]
    public async Task Store_WithItsQueue_HoldsNoAddressSecretOrValue()
    {
        await using (var store = await folder.OpenAsync())
        {
            var secret = new Webhook(1, new Uri("https://a.example/canary-of-the-address"), SampleApproval.Secret, WebhookFormat.Json, Asked: true, Answered: true);
            await store.SetWebhooksAsync([secret]);
            await store.SaveApprovalAsync(SampleApproval.Of("one") with { Subject = "s" });
            Assert.DoesNotContain("canary", secret.ToString(), StringComparison.Ordinal);
        }

        Assert.All(Directory.EnumerateFiles(folder.Root), static file =>
            Assert.DoesNotContain("canary", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> EventsAsync(SqliteConfigStore store, Webhook webhook)
    {
        var events = new List<string>();
        while ((await store.FirstNoticeAsync(webhook.Key, 1_000)).First is { } notice)
        {
            events.Add(notice.Event);
            await store.RemoveNoticeAsync(webhook.Key, notice.Id);
        }

        return events;
    }
}
