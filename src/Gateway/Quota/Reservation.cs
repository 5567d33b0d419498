using System.Collections.Immutable;
using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>Whose call it is, for the scopes of limits.</summary>
public readonly record struct CounterOwner(string Grant, string? Identity, string? Session, string Server);

/// <summary>How a reservation ended.</summary>
public enum ReservationOutcome
{
    /// <summary>Every limit had room; the charges are taken.</summary>
    Granted,

    /// <summary>At least one limit has no room; nothing is taken.</summary>
    Exceeded,

    /// <summary>A limit cannot be judged for this call (<c>policy.unjudgeable</c>); nothing is taken.</summary>
    Unjudgeable,

    /// <summary>There is no room for another counter (<c>quota.unavailable</c>); nothing is taken.</summary>
    Unavailable,
}

/// <summary>The answer to a request for budget: all limits of a call or none.</summary>
/// <param name="Charges">What was taken: into the record with them, and back by <see cref="Counters.Release"/> when nothing was sent.</param>
/// <param name="Refusing">The first limit, in order, that refused; null when granted.</param>
/// <param name="Wait">Until the last of the exceeded windows has ended, by the clock as it stands; never negative.</param>
public sealed record Reservation(ReservationOutcome Outcome, ImmutableArray<Charge> Charges, Limit? Refusing, TimeSpan Wait)
{
    internal static Reservation Nothing { get; } = new(ReservationOutcome.Granted, [], null, TimeSpan.Zero);

    /// <summary>The exceeded limit to name; null unless <see cref="ReservationOutcome.Exceeded"/>.</summary>
    public Limit? Exceeded => Outcome == ReservationOutcome.Exceeded ? Refusing : null;

    /// <summary>The wait in whole seconds, rounded up: after that many there is a new window.</summary>
    public long WaitSeconds => (Wait.Ticks / TimeSpan.TicksPerSecond) + (Wait.Ticks % TimeSpan.TicksPerSecond > 0 ? 1 : 0);
}

/// <summary>One live counter, for operators.</summary>
public readonly record struct CounterState(CounterKey Key, DateTimeOffset WindowStart, DateTimeOffset WindowEnd, decimal Used);
