using System.Collections.Concurrent;

namespace Callgate.Gateway.Storage;

/// <summary>
/// The one thread that touches a SQLite connection. SQLite blocks; a blocked pool thread would stall the connections of
/// the data plane, so whoever wants something from a store waits for a task instead.
/// </summary>
internal sealed class StoreThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StoreThread(string name)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Runs the job after those before it. What has begun is not cancelled: the caller learns how it ended.</summary>
    public Task<T> RunAsync<T>(Func<T> job, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isQueued = TryPost(() =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                answer.SetCanceled(cancellationToken);
                return;
            }

            try
            {
                answer.SetResult(job());
            }
            catch (Exception exception)
            {
                answer.SetException(exception);
            }
        });
        return isQueued ? answer.Task : Task.FromException<T>(new ObjectDisposedException("the store", "the store is closed"));
    }

    /// <summary>Queues a job that reports its own failures; false when the thread is ending.</summary>
    public bool TryPost(Action job)
    {
        try
        {
            return work.TryAdd(job);
        }
        catch (InvalidOperationException)
        {
            // Also ObjectDisposedException: closed between the look and the call.
            return false;
        }
    }

    /// <summary>Ends after what is queued has run.</summary>
    public async ValueTask DisposeAsync()
    {
        work.CompleteAdding();
        await ended.Task;
    }

    private void Run()
    {
        foreach (var job in work.GetConsumingEnumerable())
        {
            job();
        }

        ended.SetResult();
    }
}
