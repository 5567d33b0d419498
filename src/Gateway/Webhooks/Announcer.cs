using System.Collections.Immutable;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Webhooks;

/// <summary>
/// Tells receivers about approvals, each at its own pace. INVARIANT: no call waits for one. What they are owed is in the store
/// in the moment in which the approval is; here it is only read, sent and removed.
/// </summary>
public sealed class Announcer : IAsyncDisposable
{
    private readonly ApprovalBook book;
    private readonly NoticePost post;
    private readonly ImmutableArray<Receiver> receivers;

    public Announcer(ImmutableArray<Webhook> webhooks, ApprovalBook book, ApprovalPages pages, IConfigStore store, TimeProvider time, ILogger log)
    {
        this.book = book;
        post = new NoticePost(pages, time);
        receivers = [.. webhooks.Select(webhook => new Receiver(webhook, store, post, time, log))];
        book.Changed += OnChanged;
    }

    /// <summary>Notices that were not taken yet, of all receivers.</summary>
    public int Waiting => receivers.Sum(static receiver => receiver.Waiting);

    /// <summary>What people should know; null while all goes well.</summary>
    public string? Fault => receivers.Select(static receiver => receiver.Fault).OfType<string>().FirstOrDefault();

    /// <summary>Begins to deliver; not before the address of the pages is known, which stands in what is sent.</summary>
    public void Start()
    {
        foreach (var receiver in receivers)
        {
            receiver.Start();
        }
    }

    public async ValueTask DisposeAsync()
    {
        book.Changed -= OnChanged;
        foreach (var receiver in receivers)
        {
            await receiver.DisposeAsync().ConfigureAwait(false);
        }

        post.Dispose();
    }

    private void OnChanged(Approval approval)
    {
        foreach (var receiver in receivers)
        {
            receiver.Wake();
        }
    }
}
