using System.Collections.Immutable;
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
    /// Live counters, about 500 bytes each, and about 250 at the begin of every segment of the journal; a limit that would
    /// need one more is refused. Calls in flight are not among them: there are no more of those than calls.
    /// </summary>
    public const int DefaultCapacity = 250_000;

    /// <summary>Live session counters of one grant: sessions cost a client nothing, and one grant must not take the room of all.</summary>
    public const int SessionsOfAGrant = 10_000;

    /// <summary>Live values of a limit with <c>per</c>, for one scope id on one server (policy language, Limits).</summary>
    public const int ValuesOfALimit = 10_000;

    /// <summary>UTF-16 units of all values that are counted apart: they come from clients, and one of them may be long.</summary>
    public const int ValueLengthInAll = 16 << 20;

    /// <summary>
    /// Charges that one sliding counter keeps, which is also the most that its limit may say. Each costs 24 bytes here,
    /// as much again in the journal's own sum, and about 12 at the begin of every segment.
    /// </summary>
    public const int ChargesOfACounter = 100_000;

    /// <summary>Charges that the sliding counters of all values of one limit keep, and those of all sessions of one grant: neither must take the room of all.</summary>
    public const int ChargesOfALimit = 250_000;

    /// <summary>Charges that all sliding counters keep; a limit that would need one more is refused.</summary>
    public const int ChargesInAll = 1_000_000;

    private readonly Lock gate = new();
    private readonly CounterTable table = new(capacity);
    private readonly Dictionary<CounterKey, int> inFlight = [];
    private DateTimeOffset latest = DateTimeOffset.MinValue;

    /// <summary>Live counters, calls in flight not among them.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return table.All.Count;
            }
        }
    }

    /// <summary>Charges that sliding counters keep, of at most <see cref="ChargesInAll"/>.</summary>
    public int Kept
    {
        get
        {
            lock (gate)
            {
                return table.Kept;
            }
        }
    }

    /// <summary>Takes from every limit what the call charges, and its place in flight, or nothing from any.</summary>
    /// <param name="policy">The policy's name: the same name in another revision is the same counters.</param>
    /// <param name="shadow">Counts apart from what is enforced, for a policy that only watches.</param>
    public Reservation Reserve(string policy, ImmutableArray<Limit> limits, in CounterOwner owner, bool shadow = false)
    {
        if (limits.IsDefaultOrEmpty)
        {
            return Reservation.Nothing;
        }

        lock (gate)
        {
            var clock = time.GetUtcNow();
            latest = clock > latest ? clock : latest;
            table.Prune(latest);
            var taken = new Taken(limits.Length);
            var refusal = default(Refusal);
            foreach (var limit in limits)
            {
                refusal = refusal.Or(Take(policy, limit, owner, shadow, taken));
            }

            if (refusal.Limit is null)
            {
                var place = taken.Places is { } places ? new Place(this, places.ToImmutable()) : null;
                return new Reservation(ReservationOutcome.Granted, taken.Charges.DrainToImmutable(), null, TimeSpan.Zero) { Place = place };
            }

            GiveBack(taken.Charges);
            Vacate(taken.Places);
            var wait = refusal.Until > clock ? refusal.Until - clock : TimeSpan.Zero;
            return new Reservation(refusal.Outcome, [], refusal.Limit, wait);
        }
    }

    /// <summary>What <see cref="Reserve"/> would answer now; nothing stays charged.</summary>
    public Reservation Probe(string policy, ImmutableArray<Limit> limits, in CounterOwner owner, bool shadow)
    {
        lock (gate)
        {
            var found = Reserve(policy, limits, owner, shadow);
            GiveBack(found.Charges);
            found.Place?.Free();
            return found;
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
                // The journal's own times have no more than milliseconds.
                latest = charge.WindowStart > latest ? charge.WindowStart : latest;
            }

            foreach (var charge in charges)
            {
                table.Restore(charge, latest);
            }
        }
    }

    /// <summary>The counters whose window has not ended and where calls are in flight, in no order.</summary>
    public IReadOnlyList<CounterState> List()
    {
        lock (gate)
        {
            var clock = time.GetUtcNow();
            var now = clock > latest ? clock : latest;
            var states = new List<CounterState>(table.All.Count + inFlight.Count);
            foreach (var counter in table.All)
            {
                if (counter.StateAt(now) is { } state)
                {
                    states.Add(state);
                }
            }

            states.AddRange(inFlight.Select(static pair => new CounterState(pair.Key, default, default, pair.Value)));
            return states;
        }
    }

    internal void Free(ImmutableArray<CounterKey> places)
    {
        lock (gate)
        {
            Vacate(places);
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

    /// <summary>Null when the limit cannot be counted for this call: no identity, or what the policy's judgement should not have let through.</summary>
    private static CounterKey? KeyOf(string policy, Limit limit, in CounterOwner owner, bool shadow)
    {
        var kind = limit.Concurrent is not null ? CounterKind.InFlight : limit.Sliding ? CounterKind.Sliding : CounterKind.Aligned;
        var hasWindow = kind == CounterKind.InFlight || (limit.Max >= 0 && limit.Amount > 0 && (kind == CounterKind.Aligned || limit.Window.Seconds > 0));
        if (ScopeIdOf(limit.Scope, owner) is not { } scopeId || !hasWindow || (limit.Per is { } per && !CounterKey.IsExact(per)))
        {
            return null;
        }

        var server = limit.Scope == LimitScope.Global ? null : owner.Server;
        var window = kind == CounterKind.InFlight ? default : limit.Window;
        return new CounterKey(policy, limit.Counter, limit.Scope, scopeId, server, window) { Kind = kind, Per = limit.Per, Shadow = shadow };
    }

    /// <summary>Charges what has room; else says why not, and how long that lasts.</summary>
    private Refusal Take(string policy, Limit limit, in CounterOwner owner, bool shadow, Taken taken)
    {
        if (KeyOf(policy, limit, owner, shadow) is not { } key)
        {
            return new Refusal(limit, ReservationOutcome.Unjudgeable, default);
        }

        if (limit.Concurrent is { } most)
        {
            return Occupy(key, most, taken) ? default : new Refusal(limit, ReservationOutcome.Exceeded, default);
        }

        var counter = table.Find(key, latest);
        var after = (counter?.Used ?? default) + Total.Of(limit.Amount);
        if (after > Total.Of(limit.Max))
        {
            return new Refusal(limit, ReservationOutcome.Exceeded, RoomAt(key, counter, after - Total.Of(limit.Max)));
        }

        if (!after.TryToDecimal(out _))
        {
            // No record of it, and nobody who looks at it, would see the true sum.
            return new Refusal(limit, ReservationOutcome.Unjudgeable, default);
        }

        var (outcome, until) = table.RoomFor(key, counter, owner.Grant, latest);
        if (outcome != ReservationOutcome.Granted)
        {
            return new Refusal(limit, outcome, until);
        }

        taken.Charges.Add(table.Take(counter?.Key ?? key, owner.Grant, latest, limit.Amount));
        return default;
    }

    /// <summary>When so much less is charged; for what never has room, when the window has passed.</summary>
    private DateTimeOffset RoomAt(CounterKey key, Counter? counter, Total excess)
    {
        if (counter is not null && excess <= counter.Used)
        {
            return counter.GoneAt(excess);
        }

        return CounterWindows.EndOf(key.Window, key.Kind == CounterKind.Sliding ? latest : key.Window.StartOf(latest));
    }

    private bool Occupy(CounterKey key, int most, Taken taken)
    {
        var others = inFlight.GetValueOrDefault(key);
        if (others >= most)
        {
            return false;
        }

        inFlight[key] = others + 1;
        (taken.Places ??= ImmutableArray.CreateBuilder<CounterKey>()).Add(key);
        return true;
    }

    private void GiveBack(IEnumerable<Charge> charges)
    {
        foreach (var charge in charges)
        {
            table.GiveBack(charge);
        }
    }

    private void Vacate(IEnumerable<CounterKey>? places)
    {
        foreach (var key in places ?? [])
        {
            var others = inFlight.GetValueOrDefault(key) - 1;
            if (others > 0)
            {
                inFlight[key] = others;
            }
            else
            {
                inFlight.Remove(key);
            }
        }
    }

    /// <summary>What a reservation has taken so far, to be given back when it is refused.</summary>
    private sealed class Taken(int limits)
    {
        public ImmutableArray<Charge>.Builder Charges { get; } = ImmutableArray.CreateBuilder<Charge>(limits);

        public ImmutableArray<CounterKey>.Builder? Places { get; set; }
    }

    private readonly record struct Refusal(Limit? Limit, ReservationOutcome Outcome, DateTimeOffset Until)
    {
        /// <summary>The first one is named, the longest wait is given.</summary>
        public Refusal Or(Refusal next) => Limit is null ? next : this with { Until = next.Until > Until ? next.Until : Until };
    }
}
