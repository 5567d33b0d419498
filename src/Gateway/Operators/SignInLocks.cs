namespace Callgate.Gateway.Operators;

/// <summary>
/// Slows whoever guesses. A name that failed five times in a row waits, and an address that failed twenty times; each further
/// failure doubles the wait up to a few minutes. Attempts during a wait are not looked at and do not prolong it. The address
/// from which an operator signed in last has a count of its own for that name, so that strangers elsewhere do not lock the
/// operator out, and another password or <c>operator unlock</c> lifts what is left.
/// </summary>
internal sealed class SignInLocks(TimeProvider time)
{
    private const int MostCounts = 10_000;

    private static readonly Limit OfName = new(5, TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5));
    private static readonly Limit OfAddress = new(20, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>An hour without a failure forgets the failures.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Count> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> lastAddress = new(StringComparer.Ordinal);

    /// <summary>How long this name, or this address, has to wait; zero when it may try.</summary>
    public TimeSpan Left(string name, string address)
    {
        lock (gate)
        {
            var (ofName, ofAddress) = (Left(KeyOf(name, address), OfName), Left(At(address), OfAddress));
            return ofName > ofAddress ? ofName : ofAddress;
        }
    }

    /// <summary>How long the address alone has to wait.</summary>
    public TimeSpan Left(string address)
    {
        lock (gate)
        {
            return Left(At(address), OfAddress);
        }
    }

    /// <summary>A failure that is of no name.</summary>
    public void Failed(string address)
    {
        lock (gate)
        {
            Add(At(address));
        }
    }

    public void Failed(string name, string address)
    {
        lock (gate)
        {
            Add(KeyOf(name, address));
            Add(At(address));
        }
    }

    /// <summary>The address keeps its count: its holder may sign in as one and guess at others.</summary>
    public void Succeeded(string name, string address)
    {
        lock (gate)
        {
            counts.Remove(KeyOf(name, address));
            lastAddress[name] = address;
        }
    }

    public void Lift(string name)
    {
        lock (gate)
        {
            foreach (var key in counts.Keys.Where(key => key == $"as {name}" || key.StartsWith($"as {name} ", StringComparison.Ordinal)).ToList())
            {
                counts.Remove(key);
            }
        }
    }

    private static string At(string address) => $"at {address}";

    private string KeyOf(string name, string address) => lastAddress.GetValueOrDefault(name) == address ? $"as {name} {At(address)}" : $"as {name}";

    private TimeSpan Left(string key, Limit limit)
    {
        if (!counts.TryGetValue(key, out var count) || count.Failures < limit.Free)
        {
            return TimeSpan.Zero;
        }

        var passed = time.GetElapsedTime(count.Last);
        var wait = limit.First * Math.Pow(2, Math.Min(count.Failures - limit.Free, 20));
        var left = (wait < limit.Longest ? wait : limit.Longest) - passed;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Add(string key)
    {
        var failures = counts.TryGetValue(key, out var count) && time.GetElapsedTime(count.Last) < Memory ? count.Failures : 0;
        if (counts.Count >= MostCounts && !counts.ContainsKey(key))
        {
            counts.Remove(counts.MinBy(static entry => entry.Value.Last).Key);
        }

        counts[key] = new Count(failures + 1, time.GetTimestamp());
    }

    private readonly record struct Count(int Failures, long Last);

    /// <param name="Free">Failures that cost nothing.</param>
    private sealed record Limit(int Free, TimeSpan First, TimeSpan Longest);
}
