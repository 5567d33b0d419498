namespace Callgate.Gateway.Quota;

/// <summary>Counters, the one that is due first in front.</summary>
internal sealed class CounterOrder() : SortedSet<Counter>(ByDue)
{
    private static readonly Comparer<Counter> ByDue = Comparer<Counter>.Create(static (left, right) =>
    {
        var byDue = left.Due.CompareTo(right.Due);
        return byDue != 0 ? byDue : left.Id.CompareTo(right.Id);
    });
}

/// <summary>The session counters of one grant.</summary>
internal sealed class SessionFamily(string grant)
{
    public string Grant => grant;

    public int Counters { get; set; }

    /// <summary>Charges that their sliding windows keep.</summary>
    public int Kept { get; set; }
}

/// <summary>The counters of one limit with <c>per</c> for one scope id: one for each value.</summary>
internal sealed class ValueFamily
{
    public CounterOrder Counters { get; } = [];

    /// <summary>Charges that their sliding windows keep.</summary>
    public int Kept { get; set; }
}
