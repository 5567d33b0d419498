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

/// <summary>One counter in its window.</summary>
public sealed record CounterReply(string Policy, string Counter, string Scope, string ScopeId, string? Server, DateTimeOffset WindowStart, decimal Amount);

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

    private static CounterReply Show(CounterState state) => new(
        state.Key.Policy, state.Key.Counter, state.Key.Scope.ToString().ToLowerInvariant(), state.Key.ScopeId, state.Key.Server, state.WindowStart, state.Used);
}
