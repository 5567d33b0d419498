using System.Collections.Immutable;
using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>Whose call it is, for the scopes of limits.</summary>
public readonly record struct CounterOwner(string Grant, string? Identity, string? Session, string Server);

/// <summary>How a reservation ended.</summary>
public enum ReservationOutcome
{
    /// <summary>Every limit had room; the charges and the places are taken.</summary>
    Granted,

    /// <summary>At least one limit has no room; nothing is taken.</summary>
    Exceeded,

    /// <summary>A limit cannot be judged for this call (<c>policy.unjudgeable</c>); nothing is taken.</summary>
    Unjudgeable,

    /// <summary>There is no room for another counter (<c>quota.unavailable</c>); nothing is taken.</summary>
    Unavailable,

    /// <summary>
    /// A limit has room, but counts as many values, or as many charges of a sliding window, as one may
    /// (<c>limit.exceeded</c>); nothing is taken.
    /// </summary>
    Full,
}

/// <summary>The answer to a request for budget: all limits of a call or none.</summary>
/// <param name="Charges">What was taken: into the record with them, and back by <see cref="Counters.Release"/> when nothing was sent.</param>
/// <param name="Refusing">The first limit, in order, that refused; null when granted.</param>
/// <param name="Wait">
/// Until the last of the exceeded limits has room for this call, by the clock as it stands; never negative. One that never
/// has room for so much counts with its window, and calls in flight count nothing, since nobody knows when one ends.
/// </param>
public sealed record Reservation(ReservationOutcome Outcome, ImmutableArray<Charge> Charges, Limit? Refusing, TimeSpan Wait)
{
    internal static Reservation Nothing { get; } = new(ReservationOutcome.Granted, [], null, TimeSpan.Zero);

    /// <summary>The call's place among those in flight: to be freed when it ends. Null where no limit counts them.</summary>
    public Place? Place { get; init; }

    /// <summary>The exceeded limit to name; null unless <see cref="ReservationOutcome.Exceeded"/>.</summary>
    public Limit? Exceeded => Outcome == ReservationOutcome.Exceeded ? Refusing : null;

    /// <summary>The wait in whole seconds, rounded up: after that many there is room.</summary>
    public long WaitSeconds => (Wait.Ticks / TimeSpan.TicksPerSecond) + (Wait.Ticks % TimeSpan.TicksPerSecond > 0 ? 1 : 0);
}

/// <summary>One live counter, for operators.</summary>
/// <param name="WindowStart">Where a sliding window reaches back to. Meaningless for calls in flight, as is the end.</param>
/// <param name="Used">What is charged in the window, or how many calls are in flight.</param>
public readonly record struct CounterState(CounterKey Key, DateTimeOffset WindowStart, DateTimeOffset WindowEnd, decimal Used);
