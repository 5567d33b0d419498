using System.Numerics;
using Callgate.Gateway.Quota;
using Callgate.Policy;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>What the language says of limits, with every charge ever made in one list and no thought for speed.</summary>
internal sealed class NaiveCounters
{
    private readonly List<NaiveCharge> charges = [];
    private readonly List<CounterKey> places = [];

    public DateTimeOffset Latest { get; set; } = DateTimeOffset.MinValue;

    public IEnumerable<NaiveCharge> Live => charges.Where(charge => !charge.IsBack && IsLive(charge));

    public IReadOnlyList<CounterKey> Places => places;

    /// <summary>Exactly this number, as a multiple of 1e-28.</summary>
    public static BigInteger Exact(decimal amount)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(amount, bits);
        var mantissa = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        return mantissa * BigInteger.Pow(10, 28 - amount.Scale);
    }

    /// <summary>Whether a decimal is exactly so much.</summary>
    public static bool HasDecimal(BigInteger exact)
    {
        for (var scale = 28; scale > 0 && exact % 10 == 0; scale--)
        {
            exact /= 10;
        }

        return exact < BigInteger.Pow(2, 96);
    }

    public NaiveAnswer Reserve(IEnumerable<Limit> limits, CounterOwner owner, bool shadow, DateTimeOffset clock)
    {
        Latest = clock > Latest ? clock : Latest;
        var taken = new List<NaiveCharge>();
        var held = new List<CounterKey>();
        var refusals = new List<(Limit Limit, ReservationOutcome Outcome, DateTimeOffset Until)>();
        foreach (var limit in limits)
        {
            var key = KeyOf(limit, owner, shadow);
            if (key is null)
            {
                refusals.Add((limit, ReservationOutcome.Unjudgeable, default));
            }
            else if (limit.Concurrent is { } most)
            {
                if (places.Count(place => place == key) >= most)
                {
                    refusals.Add((limit, ReservationOutcome.Exceeded, default));
                }

                held.Add(key);
            }
            else if (UntilRoom(limit, key) is { } until)
            {
                refusals.Add((limit, ReservationOutcome.Exceeded, until));
            }
            else if (!HasDecimal(Sum(key, Latest) + Exact(limit.Amount)))
            {
                refusals.Add((limit, ReservationOutcome.Unjudgeable, default));
            }
            else
            {
                taken.Add(new NaiveCharge(key, limit.Sliding ? Latest : limit.Window.StartOf(Latest), limit.Amount));
            }
        }

        if (refusals.Count > 0)
        {
            var wait = refusals.Max(refusal => refusal.Until) - clock;
            return new NaiveAnswer(refusals[0].Outcome, refusals[0].Limit, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, [], []);
        }

        charges.AddRange(taken);
        places.AddRange(held);
        return new NaiveAnswer(ReservationOutcome.Granted, null, TimeSpan.Zero, taken, held);
    }

    public void Free(IEnumerable<CounterKey> held)
    {
        foreach (var key in held)
        {
            places.Remove(key);
        }
    }

    /// <summary>No call is in flight in a process that has just begun.</summary>
    public void Restart(DateTimeOffset latest)
    {
        Latest = latest;
        places.Clear();
        charges.RemoveAll(charge => charge.IsBack || !IsLive(charge));
    }

    private static CounterKey? KeyOf(Limit limit, CounterOwner owner, bool shadow)
    {
        var scopeId = limit.Scope switch
        {
            LimitScope.Grant => owner.Grant,
            LimitScope.Identity => owner.Identity,
            LimitScope.Session => owner.Session ?? owner.Grant,
            LimitScope.Server => owner.Server,
            _ => "",
        };
        var kind = limit.Concurrent is not null ? CounterKind.InFlight : limit.Sliding ? CounterKind.Sliding : CounterKind.Aligned;
        return scopeId is null ? null : new CounterKey("p", limit.Counter, limit.Scope, scopeId, limit.Scope == LimitScope.Global ? null : owner.Server, kind == CounterKind.InFlight ? default : limit.Window)
        {
            Kind = kind,
            Per = limit.Per,
            Shadow = shadow,
        };
    }

    private static bool CountsAt(NaiveCharge charge, DateTimeOffset at) => charge.Key.Kind == CounterKind.Sliding
        ? charge.At > at - TimeSpan.FromSeconds(charge.Key.Window.Seconds)
        : charge.At == charge.Key.Window.StartOf(at);

    private bool IsLive(NaiveCharge charge) => CountsAt(charge, Latest);

    private BigInteger Sum(CounterKey key, DateTimeOffset at) => charges
        .Where(charge => !charge.IsBack && charge.Key == key && CountsAt(charge, at))
        .Aggregate(BigInteger.Zero, static (sum, charge) => sum + Exact(charge.Amount));

    /// <summary>Null when there is room now.</summary>
    private DateTimeOffset? UntilRoom(Limit limit, CounterKey key)
    {
        bool HasRoom(DateTimeOffset at) => Sum(key, at) + Exact(limit.Amount) <= Exact(limit.Max);
        if (HasRoom(Latest))
        {
            return null;
        }

        if (!limit.Sliding)
        {
            return limit.Window.EndOf(limit.Window.StartOf(Latest));
        }

        var length = TimeSpan.FromSeconds(limit.Window.Seconds);
        var ends = charges.Where(charge => charge.Key == key).Select(charge => charge.At + length).Where(end => end > Latest).Order();
        return ends.Where(HasRoom).Select(static end => (DateTimeOffset?)end).FirstOrDefault() ?? Latest + length;
    }
}

internal sealed record NaiveCharge(CounterKey Key, DateTimeOffset At, decimal Amount)
{
    public bool IsBack { get; set; }
}

internal sealed record NaiveAnswer(ReservationOutcome Outcome, Limit? Refusing, TimeSpan Wait, IReadOnlyList<NaiveCharge> Charges, IReadOnlyList<CounterKey> Held);
