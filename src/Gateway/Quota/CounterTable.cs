using System.Runtime.InteropServices;
using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>
/// The counters there are, and the room for more. A counter is here while something is charged to it, so that a call that is
/// refused, or given back, leaves nothing behind. Used by one thread at a time.
/// </summary>
internal sealed class CounterTable(int capacity)
{
    /// <summary>Ended counters let go at each reservation: more than one reservation can add, so the number falls.</summary>
    private const int PrunedAtOnce = 32;

    private readonly Dictionary<CounterKey, Counter> counters = [];
    private readonly Dictionary<CounterKey, ValueFamily> families = [];
    private readonly Dictionary<string, SessionFamily> sessions = new(StringComparer.Ordinal);
    private readonly CounterOrder order = [];
    private long lastId;

    public IReadOnlyCollection<Counter> All => counters.Values;

    /// <summary>Charges that sliding windows keep.</summary>
    public int Kept { get; private set; }

    /// <summary>UTF-16 units in the values that are counted apart.</summary>
    public int ValueLength { get; private set; }

    /// <summary>The counter if anything is charged to it now.</summary>
    public Counter? Find(CounterKey key, DateTimeOffset now) =>
        counters.TryGetValue(key, out var counter) && IsLive(counter, now) ? counter : null;

    /// <summary>Whether another charge of this counter may be kept; when not, also when to ask again, if that is known.</summary>
    public (ReservationOutcome Outcome, DateTimeOffset Until) RoomFor(CounterKey key, Counter? counter, string grant, DateTimeOffset now)
    {
        if (key.Kind == CounterKind.Sliding && counter?.Kept >= Counters.ChargesOfACounter)
        {
            return (ReservationOutcome.Full, counter.FirstEnd);
        }

        var family = key.Per is null ? null : families.GetValueOrDefault(FamilyOf(key));
        if (family is not null && (family.Counters.Count >= Counters.ValuesOfALimit || family.Kept >= Counters.ChargesOfALimit))
        {
            Prune(family.Counters, now, family.Counters.Count);
        }

        if (counter is null && family?.Counters.Count >= Counters.ValuesOfALimit)
        {
            return (ReservationOutcome.Full, family.Counters.Min!.Due);
        }

        var hasRoom = (counter is not null || HasRoomForOneMore(key, grant))
            && (key.Kind != CounterKind.Sliding || (Kept < Counters.ChargesInAll && (family is null || family.Kept < Counters.ChargesOfALimit) && !(PayerOf(key, grant)?.Kept >= Counters.ChargesOfALimit)));
        return (hasRoom ? ReservationOutcome.Granted : ReservationOutcome.Unavailable, default);
    }

    public Charge Take(CounterKey key, string grant, DateTimeOffset now, decimal amount)
    {
        if (counters.TryGetValue(key, out var counter))
        {
            Assign(counter, grant);
            var before = counter.Kept;
            var charge = counter.Take(now, amount);
            Keep(counter, counter.Kept - before);
            return charge;
        }

        counter = Create(key, key.Window.StartOf(now));
        var first = counter.Take(now, amount);
        Add(counter);
        Assign(counter, grant);
        return first;
    }

    public void GiveBack(in Charge charge)
    {
        if (!counters.TryGetValue(charge.Key, out var counter))
        {
            return;
        }

        var before = counter.Kept;
        counter.GiveBack(charge);
        Keep(counter, counter.Kept - before);
        if (counter.IsEmpty)
        {
            Remove(counter);
        }
    }

    /// <summary>Takes over a charge that was made before. There is room: the journal cannot hold more than was live.</summary>
    public void Restore(in Charge charge, DateTimeOffset now)
    {
        if (charge.Amount <= 0 || CounterWindows.EndOf(charge.Key.Window, charge.WindowStart) <= now)
        {
            return;
        }

        if (Find(charge.Key, now) is { } counter)
        {
            var before = counter.Kept;
            counter.Restore(charge);
            Keep(counter, counter.Kept - before);
            return;
        }

        counter = Create(charge.Key, charge.WindowStart);
        counter.Restore(charge);
        Add(counter);
    }

    public void Prune(DateTimeOffset now) => Prune(order, now, PrunedAtOnce);

    private static CounterKey FamilyOf(CounterKey key) => key with { Per = null };

    /// <summary>Looks at the first counters that are due. One that goes on is put back with the time of its next end.</summary>
    private void Prune(CounterOrder due, DateTimeOffset now, int most)
    {
        for (var i = 0; i < most && due.Min is { } counter && counter.Due <= now; i++)
        {
            if (!IsLive(counter, now))
            {
                continue;
            }

            order.Remove(counter);
            counter.Family?.Counters.Remove(counter);
            counter.Due = counter.FirstEnd;
            order.Add(counter);
            counter.Family?.Counters.Add(counter);
        }
    }

    /// <summary>Lets go of what has ended, and of the counter when that is all.</summary>
    private bool IsLive(Counter counter, DateTimeOffset now)
    {
        var before = counter.Kept;
        counter.Advance(now);
        Keep(counter, counter.Kept - before);
        if (counter.IsEmpty)
        {
            Remove(counter);
        }

        return !counter.IsEmpty;
    }

    private bool HasRoomForOneMore(CounterKey key, string grant) =>
        counters.Count < capacity
        && ValueLength + (key.Per?.Length ?? 0) <= Counters.ValueLengthInAll
        && !(PayerOf(key, grant)?.Counters >= Counters.SessionsOfAGrant);

    private SessionFamily? PayerOf(CounterKey key, string grant) => key.Scope == LimitScope.Session ? sessions.GetValueOrDefault(grant) : null;

    private Counter Create(CounterKey key, DateTimeOffset start)
    {
        ValueFamily? family = null;
        if (key.Per is not null)
        {
            family = CollectionsMarshal.GetValueRefOrAddDefault(families, FamilyOf(key), out _) ??= new ValueFamily();
        }

        return key.Kind == CounterKind.Sliding
            ? new SlidingCounter(key) { Id = ++lastId, Family = family }
            : new AlignedCounter(key, start) { Id = ++lastId, Family = family };
    }

    private void Add(Counter counter)
    {
        counter.Due = counter.FirstEnd;
        counters.Add(counter.Key, counter);
        order.Add(counter);
        counter.Family?.Counters.Add(counter);
        ValueLength += counter.Key.Per?.Length ?? 0;
        Keep(counter, counter.Kept);
    }

    /// <summary>The journal does not say whose a session was; the first charge after a restart does.</summary>
    private void Assign(Counter counter, string grant)
    {
        if (counter.Key.Scope != LimitScope.Session || counter.Payer is not null)
        {
            return;
        }

        counter.Payer = CollectionsMarshal.GetValueRefOrAddDefault(sessions, grant, out _) ??= new SessionFamily(grant);
        counter.Payer.Counters++;
        counter.Payer.Kept += counter.Kept;
    }

    private void Remove(Counter counter)
    {
        counters.Remove(counter.Key);
        order.Remove(counter);
        ValueLength -= counter.Key.Per?.Length ?? 0;
        if (counter.Family is { } family && family.Counters.Remove(counter) && family.Counters.Count == 0)
        {
            families.Remove(FamilyOf(counter.Key));
        }

        if (counter.Payer is { } payer && --payer.Counters == 0)
        {
            sessions.Remove(payer.Grant);
        }
    }

    private void Keep(Counter counter, int more)
    {
        Kept += more;
        if (counter.Family is { } family)
        {
            family.Kept += more;
        }

        if (counter.Payer is { } payer)
        {
            payer.Kept += more;
        }
    }
}
