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
    private readonly Lock gate = new();
    private readonly ApprovalBook book;
    private readonly IConfigStore store;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly NoticePost post;
    private ImmutableArray<Receiver> receivers = [];
    private Task leaving = Task.CompletedTask;
    private bool started;
    private bool ended;

    public Announcer(ImmutableArray<Webhook> webhooks, ApprovalBook book, ApprovalPages pages, IConfigStore store, TimeProvider time, ILogger log)
    {
        (this.book, this.store, this.time, this.log) = (book, store, time, log);
        post = new NoticePost(pages, time);
        Follow(webhooks);
        book.Changed += OnChanged;
    }

    /// <summary>Notices that were not taken yet, of all receivers.</summary>
    public int Waiting => Receivers.Sum(static receiver => receiver.Waiting);

    /// <summary>What people should know; null while all goes well.</summary>
    public string? Fault => Receivers.Select(static receiver => receiver.Fault).OfType<string>().FirstOrDefault();

    private ImmutableArray<Receiver> Receivers
    {
        get
        {
            lock (gate)
            {
                return receivers;
            }
        }
    }

    /// <summary>Begins to deliver; not before the address of the pages is known, which stands in what is sent.</summary>
    public void Start()
    {
        lock (gate)
        {
            started = true;
            foreach (var receiver in receivers)
            {
                receiver.Start(Task.CompletedTask);
            }
        }
    }

    /// <summary>
    /// Tells these from now on; the store knows them already. What a receiver is owed is kept under its address, so that one
    /// whose secret or format is another now goes on where it was, after its last attempt has ended: it gets one at a time.
    /// </summary>
    public void Follow(ImmutableArray<Webhook> webhooks)
    {
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            var kept = receivers.Where(receiver => webhooks.Contains(receiver.Webhook)).ToDictionary(static receiver => receiver.Webhook.Key, StringComparer.Ordinal);
            var gone = receivers.Where(receiver => !kept.ContainsKey(receiver.Webhook.Key)).ToDictionary(
                static receiver => receiver.Webhook.Key, static receiver => receiver.DisposeAsync().AsTask(), StringComparer.Ordinal);
            receivers = [.. webhooks.Select(webhook => kept.GetValueOrDefault(webhook.Key) ?? Begin(webhook, gone.GetValueOrDefault(webhook.Key, Task.CompletedTask)))];
            leaving = Task.WhenAll([leaving, .. gone.Values]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        book.Changed -= OnChanged;
        lock (gate)
        {
            ended = true;
        }

        foreach (var receiver in Receivers)
        {
            await receiver.DisposeAsync().ConfigureAwait(false);
        }

        await leaving.ConfigureAwait(false);
        post.Dispose();
    }

    private Receiver Begin(Webhook webhook, Task before)
    {
        var receiver = new Receiver(webhook, store, post, time, log);
        if (started)
        {
            receiver.Start(before);
        }

        return receiver;
    }

    private void OnChanged(Approval approval)
    {
        foreach (var receiver in Receivers)
        {
            receiver.Wake();
        }
    }
}
