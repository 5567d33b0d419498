namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>
/// Holds the product to a time that it promises, on a machine that may be busy with others: what counts are moments of ten
/// milliseconds in which this process was given its turn, and a machine that gives fewer of them to us gives fewer to the gate.
/// </summary>
internal static class Promise
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    /// <exception cref="TimeoutException">The promise is broken.</exception>
    public static async Task WithinAsync(this Task what, TimeSpan promise)
    {
        for (var left = promise; left > TimeSpan.Zero && !what.IsCompleted; left -= Moment)
        {
            await Task.WhenAny(what, Task.Delay(Moment));
        }

        if (!what.IsCompleted)
        {
            throw new TimeoutException($"not done within {promise.TotalSeconds} s");
        }

        await what;
    }

    /// <inheritdoc cref="WithinAsync(Task, TimeSpan)"/>
    public static async Task<T> WithinAsync<T>(this Task<T> what, TimeSpan promise)
    {
        await ((Task)what).WithinAsync(promise);
        return await what;
    }
}
