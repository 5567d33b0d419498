using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>
/// Counts what limits allow, exactly. INVARIANT: the charges of one window never exceed the limit, whatever is done in
/// parallel and whatever the clock does. The time that decides never goes back: after the clock has been set back, counters
/// stay where they are until it has caught up.
/// </summary>
public sealed class Counters(TimeProvider time, int capacity = Counters.DefaultCapacity)
{
    /// <summary>
    /// Live counters, about 400 bytes each, and about 250 at the begin of every segment of the journal; a limit that would
    /// need one more is refused.
    /// </summary>
    public const int DefaultCapacity = 250_000;

    /// <summary>Live session counters of one grant: sessions cost a client nothing, and one grant must not take the room of all.</summary>
    public const int SessionsOfAGrant = 10_000;

    /// <summary>Ended counters removed at each reservation: more than one reservation can add, so the number falls.</summary>
    private const int PrunedAtOnce = 32;

    private readonly Lock gate = new();
    private readonly Dictionary<CounterKey, Counter> counters = [];
    private readonly Dictionary<string, int> sessions = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Counter, DateTimeOffset> byEnd = new();
    private DateTimeOffset latest = DateTimeOffset.MinValue;

    /// <summary>Takes one from every limit, or nothing from any.</summary>
    /// <param name="policy">The policy's name: the same name in another revision is the same counters.</param>
    public Reservation Reserve(string policy, ImmutableArray<Limit> limits, in CounterOwner owner)
    {
        if (limits.IsDefaultOrEmpty)
        {
            return Reservation.Nothing;
        }

        lock (gate)
        {
            var clock = time.GetUtcNow();
            latest = clock > latest ? clock : latest;
            Prune();
            var charges = ImmutableArray.CreateBuilder<Charge>(limits.Length);
            var refusal = Take(policy, limits, owner, charges);
            if (refusal.Limit is null)
            {
                return new Reservation(ReservationOutcome.Granted, charges.MoveToImmutable(), null, TimeSpan.Zero);
            }

            GiveBack(charges);
            var wait = refusal.Until > clock ? refusal.Until - clock : TimeSpan.Zero;
            return new Reservation(refusal.Outcome, [], refusal.Limit, wait);
        }
    }

    /// <summary>Gives charges back, each only into the window it came from and only while that is the counter's window.</summary>
    public void Release(IReadOnlyList<Charge> charges)
    {
        lock (gate)
        {
            GiveBack(charges);
        }
    }

    /// <summary>Takes over what the journal says has been charged.</summary>
    /// <param name="notBefore">The latest time the journal knows; a clock behind it opens no window again.</param>
    public void Restore(IReadOnlyList<Charge> charges, DateTimeOffset notBefore = default)
    {
        lock (gate)
        {
            latest = notBefore > latest ? notBefore : latest;
            foreach (var charge in charges)
            {
                RestoreOne(charge);
            }
        }
    }

    /// <summary>The counters whose window has not ended, in no order.</summary>
    public IReadOnlyList<CounterState> List()
    {
        lock (gate)
        {
            var clock = time.GetUtcNow();
            var now = clock > latest ? clock : latest;
            return [.. counters.Values.Where(counter => counter.End > now).Select(counter => new CounterState(counter.Key, counter.Start, counter.End, counter.Used))];
        }
    }

    private static string? ScopeIdOf(LimitScope scope, in CounterOwner owner) => scope switch
    {
        LimitScope.Grant => owner.Grant,
        LimitScope.Identity => owner.Identity,
        LimitScope.Session => owner.Session ?? owner.Grant,
        LimitScope.Server => owner.Server,
        LimitScope.Global => "",
        _ => null,
    };

    /// <summary>Charges what has room, and says the first limit that refuses and how long the longest of them lasts.</summary>
    private Refusal Take(string policy, ImmutableArray<Limit> limits, in CounterOwner owner, ImmutableArray<Charge>.Builder charges)
    {
        const decimal Amount = 1;
        var first = default(Refusal);
        foreach (var limit in limits)
        {
            if (ScopeIdOf(limit.Scope, owner) is not { } scopeId)
            {
                first = first.Or(new Refusal(limit, ReservationOutcome.Unjudgeable, default));
                continue;
            }

            var server = limit.Scope == LimitScope.Global ? null : owner.Server;
            var key = new CounterKey(policy, limit.Counter, limit.Scope, scopeId, server, limit.Window);
            if (Current(key, owner) is not { } counter)
            {
                first = first.Or(new Refusal(limit, ReservationOutcome.Unavailable, default));
            }
            else if (Amount > limit.Max - counter.Used)
            {
                first = first.Or(new Refusal(limit, ReservationOutcome.Exceeded, counter.End));
            }
            else
            {
                counter.Used += Amount;
                charges.Add(new Charge(key, counter.Start, Amount));
            }
        }

        return first;
    }

    /// <summary>The counter in its window of now; null when there is no room for another.</summary>
    private Counter? Current(CounterKey key, in CounterOwner owner)
    {
        if (counters.TryGetValue(key, out var counter))
        {
            if (counter.End <= latest)
            {
                Begin(counter, key.Window.StartOf(latest));
            }

            return counter;
        }

        var payer = key.Scope == LimitScope.Session ? owner.Grant : null;
        var hasRoom = counters.Count < capacity && (payer is null || sessions.GetValueOrDefault(payer) < SessionsOfAGrant);
        return hasRoom ? Add(key, key.Window.StartOf(latest), payer) : null;
    }

    private Counter Add(CounterKey key, DateTimeOffset start, string? payer)
    {
        var counter = new Counter { Key = key, Payer = payer };
        Begin(counter, start);
        counters.Add(key, counter);
        byEnd.Enqueue(counter, counter.End);
        if (payer is not null)
        {
            sessions[payer] = sessions.GetValueOrDefault(payer) + 1;
        }

        return counter;
    }

    private void Remove(Counter counter)
    {
        counters.Remove(counter.Key);
        if (counter.Payer is { } payer && --CollectionsMarshal.GetValueRefOrAddDefault(sessions, payer, out _) <= 0)
        {
            sessions.Remove(payer);
        }
    }

    private static void Begin(Counter counter, DateTimeOffset start)
    {
        counter.Start = start;
        counter.End = CounterWindows.EndOf(counter.Key.Window, start);
        counter.Used = 0;
    }

    private void GiveBack(IEnumerable<Charge> charges)
    {
        foreach (var charge in charges)
        {
            if (counters.TryGetValue(charge.Key, out var counter) && counter.Start == charge.WindowStart)
            {
                counter.Used = Math.Max(0, counter.Used - charge.Amount);
            }
        }
    }

    private void RestoreOne(in Charge charge)
    {
        if (CounterWindows.EndOf(charge.Key.Window, charge.WindowStart) <= latest)
        {
            return;
        }

        // The journal cannot hold more counters than were live; capacity only stops new ones.
        var counter = counters.GetValueOrDefault(charge.Key) ?? Add(charge.Key, charge.WindowStart, payer: null);
        if (counter.Start < charge.WindowStart)
        {
            Begin(counter, charge.WindowStart);
        }

        if (counter.Start == charge.WindowStart)
        {
            counter.Used += charge.Amount;
        }
    }

    /// <summary>Every counter stands once in the queue; one whose window has been renewed since is put back with its new end.</summary>
    private void Prune()
    {
        for (var i = 0; i < PrunedAtOnce && byEnd.TryPeek(out var counter, out var end) && end <= latest; i++)
        {
            byEnd.Dequeue();
            if (counter.End > latest)
            {
                byEnd.Enqueue(counter, counter.End);
            }
            else
            {
                Remove(counter);
            }
        }
    }

    private sealed class Counter
    {
        public required CounterKey Key { get; init; }

        /// <summary>The grant whose sessions it counts among; null for other scopes.</summary>
        public string? Payer { get; init; }

        public DateTimeOffset Start { get; set; }

        /// <summary>The first instant that is no longer in the window.</summary>
        public DateTimeOffset End { get; set; }

        public decimal Used { get; set; }
    }

    private readonly record struct Refusal(Limit? Limit, ReservationOutcome Outcome, DateTimeOffset Until)
    {
        /// <summary>The first one is named, the longest wait is given.</summary>
        public Refusal Or(Refusal next) => Limit is null ? next : this with { Until = next.Until > Until ? next.Until : Until };
    }
}
