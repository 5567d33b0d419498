using Callgate.Gateway.Quota;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>How the gate is, in words and numbers.</summary>
public sealed record StatusReply(
    string Version,
    bool Ready,
    IReadOnlyList<Check> Checks,
    long Snapshot,
    int Servers,
    int Policies,
    int Grants,
    IReadOnlyList<string> Stops,
    IReadOnlyList<string> ConfigurationErrors,
    long JournalSeq,
    long IndexedSeq,
    IReadOnlyList<CounterReply> Counters);

/// <summary>One thing the gate needs, and whether it has it.</summary>
/// <param name="Required">Without it calls are refused.</param>
public sealed record Check(string Name, bool Ok, bool Required, string Text);

/// <summary>One counter.</summary>
/// <param name="Per">The value that is counted apart; null where the limit has no `per`.</param>
/// <param name="Kind">`aligned`, `sliding`, or `concurrent` for calls in flight.</param>
/// <param name="Shadow">It counts for a policy that only watches.</param>
/// <param name="Window">The window as the policy writes it; null for calls in flight, as is the start.</param>
/// <param name="WindowStart">Where a sliding window reaches back to as of now.</param>
/// <param name="Amount">What is charged in the window, or how many calls are in flight.</param>
public sealed record CounterReply(
    string Policy,
    string Counter,
    string Scope,
    string ScopeId,
    string? Server,
    string? Per,
    string Kind,
    bool Shadow,
    string? Window,
    DateTimeOffset? WindowStart,
    decimal Amount);

/// <summary><c>/api/v1/status</c>.</summary>
internal sealed class StatusEndpoints(AdminParts parts)
{
    private static readonly string Version = typeof(StatusEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0";

    public void Map(RouteGroupBuilder group) =>
        group.MapGet("/status", (CancellationToken _) => AdminJson.Ok(Now()))
            .Describe<StatusReply>("status.get", "Tells whether the gate is ready, and what it counts", 200);

    private StatusReply Now()
    {
        var snapshot = parts.Snapshots.Current;
        var checks = Readiness.Of(parts);
        return new StatusReply(
            Version,
            checks.All(static check => check.Ok || !check.Required),
            checks,
            snapshot.Version,
            snapshot.Servers.Count,
            snapshot.Policies.Count,
            snapshot.GrantsByTokenHash.Count,
            [.. snapshot.Stops.Order(StringComparer.Ordinal)],
            [.. parts.Configurator.FileErrors.Select(static error => error.ToString())],
            parts.Journal.LastSeq,
            parts.Index.IndexedSeq,
            [.. parts.Counters.List().Select(Show)]);
    }

    private static CounterReply Show(CounterState state)
    {
        var key = state.Key;
        var isInFlight = key.Kind == CounterKind.InFlight;
        return new CounterReply(
            key.Policy,
            key.Counter,
            key.Scope.ToString().ToLowerInvariant(),
            key.ScopeId,
            key.Server,
            key.Per,
            isInFlight ? "concurrent" : key.Kind.ToString().ToLowerInvariant(),
            key.Shadow,
            isInFlight ? null : key.Window.Name,
            isInFlight ? null : state.WindowStart,
            state.Used);
    }
}
