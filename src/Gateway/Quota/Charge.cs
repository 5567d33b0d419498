using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>Which counter: parts are never joined into one string, so no value can imitate another part.</summary>
/// <param name="Server">The server; null for <see cref="LimitScope.Global"/>.</param>
/// <param name="Window">Part of the key, so that a changed window is another counter.</param>
public readonly record struct CounterKey(string Policy, string Counter, LimitScope Scope, string ScopeId, string? Server, LimitWindow Window);

/// <summary>One amount taken from one counter in one window.</summary>
/// <param name="WindowStart">UTC start of the window the amount was taken from: the only one it can go back to.</param>
public readonly record struct Charge(CounterKey Key, DateTimeOffset WindowStart, decimal Amount);
