using System.Globalization;

namespace Callgate.Fixtures.Transports;

/// <summary>The messages of one stream in order: appended by whoever answers, written by whoever holds a connection, as often as asked.</summary>
internal sealed class EventLog(string name)
{
    private readonly Lock gate = new();
    private readonly List<string> events = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool completed;
    private bool dropped;

    public string Name => name;

    /// <summary>How many events went out on some connection.</summary>
    public int Delivered { get; private set; }

    /// <summary>HTTP status of the answer while nothing was written.</summary>
    public int Status { get; set; } = 200;

    /// <summary>True when the connection shall end although more will come.</summary>
    public bool Dropped => Volatile.Read(ref dropped);

    public string EventId(int index) => $"{name}-{(index + 1).ToString(CultureInfo.InvariantCulture)}";

    public ValueTask AppendAsync(string message)
    {
        lock (gate)
        {
            if (!completed)
            {
                events.Add(message);
            }
        }

        Wake();
        return ValueTask.CompletedTask;
    }

    public void Complete()
    {
        lock (gate)
        {
            completed = true;
        }

        Wake();
    }

    public void Drop()
    {
        Volatile.Write(ref dropped, true);
        Wake();
    }

    public void MarkDelivered(int count) => Delivered = Math.Max(Delivered, count);

    /// <summary>The events from the index on, and whether the log is complete; waits while there is nothing new.</summary>
    public async ValueTask<(IReadOnlyList<string> New, bool Complete)> ReadAsync(int from, bool ignoreDrop, CancellationToken cancel)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (events.Count > from || completed || (dropped && !ignoreDrop))
                {
                    return (events.Skip(from).ToArray(), completed);
                }

                next = changed.Task;
            }

            await next.WaitAsync(cancel);
        }
    }

    private void Wake()
    {
        TaskCompletionSource wake;
        lock (gate)
        {
            wake = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.SetResult();
    }
}
