namespace Callgate.Gateway.Tests.Upstreams;

/// <summary>Time that passes when a test says so. Timers fire on the thread that moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private TaskCompletionSource armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (TakeDue(until) is { } due)
        {
            due.Fire();
        }

        lock (gate)
        {
            now = until;
        }
    }

    /// <summary>Completes when a timer is set to fire after this long.</summary>
    public async Task ArmedAsync(TimeSpan due)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (timers.Exists(timer => timer.Due == now + due))
                {
                    return;
                }

                next = armed.Task;
            }

            await next.WaitAsync(ScriptedServer.Patience);
        }
    }

    private ManualTimer? TakeDue(DateTimeOffset until)
    {
        lock (gate)
        {
            var due = timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (due is null)
            {
                return null;
            }

            now = due.Due > now ? due.Due : now;
            due.Due += due.Period;
            if (due.Period <= TimeSpan.Zero)
            {
                timers.Remove(due);
            }

            return due;
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            TaskCompletionSource notify;
            lock (time.gate)
            {
                time.timers.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = time.now + dueTime;
                    Period = period > TimeSpan.Zero ? period : TimeSpan.Zero;
                    time.timers.Add(this);
                }

                notify = time.armed;
                time.armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            notify.TrySetResult();
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
