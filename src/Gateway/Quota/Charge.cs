using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>How a counter counts. Part of its key: a limit that becomes sliding starts a counter beside the old one.</summary>
public enum CounterKind
{
    /// <summary>From the start of an aligned window to its end.</summary>
    Aligned,

    /// <summary>Over the time that has just passed, as long as the window.</summary>
    Sliding,

    /// <summary>Calls that have not ended; these are never in the journal.</summary>
    InFlight,
}

/// <summary>Which counter: parts are never joined into one string, so no value can imitate another part.</summary>
/// <param name="Server">The server; null for <see cref="LimitScope.Global"/>.</param>
/// <param name="Window">Part of the key, so that a changed window is another counter; meaningless for <see cref="CounterKind.InFlight"/>.</param>
public sealed record CounterKey(string Policy, string Counter, LimitScope Scope, string ScopeId, string? Server, LimitWindow Window)
{
    /// <summary>The most UTF-16 units of any part: a part is never cut, since a key that cannot be read back would start a second counter.</summary>
    public const int LongestPart = 1_024;

    public CounterKind Kind { get; init; }

    /// <summary>The value that is counted apart, in canonical form; null where the limit has no <c>per</c>.</summary>
    public string? Per { get; init; }

    /// <summary>Counts what a policy in shadow mode would have charged, apart from what is enforced.</summary>
    public bool Shadow { get; init; }

    /// <summary>Whether a part comes back from the journal as it was.</summary>
    public static bool IsExact(string part)
    {
        if (part.Length > LongestPart)
        {
            return false;
        }

        for (var i = 0; i < part.Length; i++)
        {
            if (!char.IsSurrogate(part[i]))
            {
                continue;
            }

            if (i + 1 == part.Length || !char.IsSurrogatePair(part[i], part[i + 1]))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}

/// <summary>One amount taken from one counter in one window.</summary>
/// <param name="WindowStart">
/// UTC start of the window the amount was taken from: the only one it can go back to. The window of a sliding counter's
/// charge is its own and starts with it, so here is the time of the charge. Either way the charge counts until that window ends.
/// </param>
public readonly record struct Charge(CounterKey Key, DateTimeOffset WindowStart, decimal Amount);
