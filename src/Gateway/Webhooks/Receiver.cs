using System.Globalization;
using System.Threading.Channels;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Webhooks;

/// <summary>
/// Delivers to one receiver what it is owed, in order and one at a time, until it has taken it or it is of no use any more.
/// The queue is in the store: what is here may end at any moment, and is done again by the next process.
/// </summary>
internal sealed class Receiver(Webhook webhook, IConfigStore store, NoticePost post, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>Notices beyond this push the oldest out.</summary>
    public const int MostWaiting = 1_000;

    private const int MostRefusals = 5;

    private static readonly TimeSpan Useful = TimeSpan.FromHours(24);
    private static readonly TimeSpan LongFailing = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    private readonly BackOff backOff = new(LongestPause);
    private readonly CancellationTokenSource ending = new();
    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task running = Task.CompletedTask;
    private volatile Failing? failing;
    private volatile int waiting;
    private TimeSpan pause;
    private long paused;
    private int refusals;
    private string? done;

    public Webhook Webhook => webhook;

    public int Waiting => waiting;

    /// <summary>What people should know; null while notices are taken, or are not for a short while only.</summary>
    public string? Fault => failing is { } now && time.GetElapsedTime(now.Since) >= LongFailing
        ? string.Create(CultureInfo.InvariantCulture, $"{webhook} has taken no notice for {time.GetElapsedTime(now.Since).TotalMinutes:0} min ({now.Why}); {Waiting} wait")
        : null;

    /// <param name="before">What has to have ended first: whoever told this receiver until now.</param>
    public void Start(Task before) => running = Task.Run(async () =>
    {
        await before.ConfigureAwait(false);
        await RunAsync().ConfigureAwait(false);
    });

    /// <summary>Something was queued, or is of no use any more.</summary>
    public void Wake() => changed.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await StepAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The queue is in the store; what went wrong here is done again.
                log.LogError("{Webhook}: notices could not be handled and are tried again: {Detail}", webhook, exception.Message);
                Pause(AfterFault);
                await RestAsync(AfterFault).ConfigureAwait(false);
            }
        }
    }

    private async Task StepAsync()
    {
        var owed = await store.FirstNoticeAsync(webhook.Key, MostWaiting, ending.Token).ConfigureAwait(false);
        waiting = owed.Waiting;
        if (owed.Dropped > 0)
        {
            log.LogWarning("{Webhook}: {Count} notices were dropped, as more than {Most} wait", webhook, owed.Dropped, MostWaiting);
        }

        if (owed.First is not { } notice)
        {
            await changed.Reader.ReadAsync(ending.Token).ConfigureAwait(false);
        }
        else if (notice.Id == done || await IsOfNoUseAsync(notice).ConfigureAwait(false))
        {
            await store.RemoveNoticeAsync(webhook.Key, notice.Id, ending.Token).ConfigureAwait(false);
        }
        else if (pause - time.GetElapsedTime(paused) is var left && left > TimeSpan.Zero)
        {
            await RestAsync(left).ConfigureAwait(false);
        }
        else
        {
            await TryAsync(notice).ConfigureAwait(false);
        }
    }

    private async Task TryAsync(Notice notice)
    {
        if (await post.SendAsync(webhook, notice, ending.Token).ConfigureAwait(false) is not { } untaken)
        {
            if (failing is not null)
            {
                log.LogInformation("{Webhook} takes notices again", webhook);
            }

            // Should the store not forget it now, it is at least not sent once more by this process.
            (done, failing, pause, refusals) = (notice.Id, null, TimeSpan.Zero, 0);
            backOff.Reset();
            return;
        }

        failing = new Failing(failing?.Since ?? time.GetTimestamp(), untaken.Why);
        refusals = untaken.IsRefusal ? refusals + 1 : 0;
        Pause(backOff.Next());
        log.LogWarning("{Webhook} did not take notice {Notice} ({Event} {Approval}): {Why}; it is tried again in {Seconds} s", webhook, notice.Id, notice.Event, notice.Approval.Id, untaken.Why, pause.TotalSeconds);
    }

    private async ValueTask<bool> IsOfNoUseAsync(Notice notice)
    {
        var why = notice.IsQuestion && !await IsPendingAsync(notice.Approval.Id).ConfigureAwait(false) ? "nobody needs to be asked any more"
            : time.GetUtcNow() - notice.Queued >= Useful ? "it was not taken for a day"
            : refusals >= MostRefusals ? "it was refused too often"
            : null;
        if (why is not null)
        {
            refusals = 0;
            log.LogWarning("{Webhook}: notice {Notice} ({Event} {Approval}) is dropped: {Why}", webhook, notice.Id, notice.Event, notice.Approval.Id, why);
        }

        return why is not null;
    }

    /// <summary>Asked of the store, which holds the question in the same moment as its notice.</summary>
    private async ValueTask<bool> IsPendingAsync(string approval) =>
        await store.FindApprovalAsync(approval, ending.Token).ConfigureAwait(false) is { State: ApprovalState.Pending } found && found.Expires > time.GetUtcNow();

    private void Pause(TimeSpan length) => (pause, paused) = (length, time.GetTimestamp());

    /// <summary>Until it is time, or something has changed.</summary>
    private async Task RestAsync(TimeSpan length)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        var woken = changed.Reader.WaitToReadAsync(enough.Token).AsTask();
        await Task.WhenAny(woken, Task.Delay(length, time, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        changed.Reader.TryRead(out _);
    }

    private sealed record Failing(long Since, string Why);
}
