using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Policy;

namespace Callgate.Gateway;

/// <summary>What recorded calls would have met under another policy.</summary>
/// <param name="Records">How many recorded calls were read.</param>
/// <param name="Skipped">Those that no policy judged: malformed, without a valid grant, stopped, while something was broken, or with a name too long for the record.</param>
/// <param name="Same">How many would have met the same decision.</param>
/// <param name="Changed">How many would have met another.</param>
/// <param name="Unclear">For how many that depends on values, which the record of their server does not keep.</param>
/// <param name="Complete">False when there are more records than one simulation reads, or than the index holds by now; then it says nothing of those after <c>until</c>.</param>
/// <param name="Until">When the last call that was read was made; null without any.</param>
/// <param name="Groups">By grant, server, tool, and both decisions, most calls first.</param>
/// <param name="Unjudged">The rules that read what the record does not keep, each with how many calls it touches.</param>
public sealed record SimulationReply(
    long Records, long Skipped, long Same, long Changed, long Unclear, bool Complete, string? Until, IReadOnlyList<SimulationGroup> Groups, IReadOnlyList<UnjudgedRule> Unjudged);

/// <summary>Calls of one grant and tool that fared alike.</summary>
/// <param name="Before">The decision in the record.</param>
/// <param name="After"><c>allow</c>, <c>deny</c>, <c>hide</c>, <c>pending</c> or <c>unclear</c>.</param>
public sealed record SimulationGroup(
    string? Grant, string? Server, string Tool, string Before, string? BeforeCode, string After, string? AfterCode, string AfterRule, IReadOnlyList<string> Unjudged, bool Changed, long Calls);

/// <summary>A rule that could not be judged.</summary>
public sealed record UnjudgedRule(string Rule, long Calls);

/// <summary>Reads the search index page by page, oldest first, and judges each call anew.</summary>
internal sealed class SimulationRun(AuditIndex index, SealedArguments arguments, Snapshot now, CompiledPolicy policy, string? replaces)
{
    private const int MostPages = 200;
    private const int MostGroups = 10_000;
    private const int NamesInRecord = 64;

    /// <summary>The record ends so what was too long for it.</summary>
    private const char Cut = '…';

    /// <summary>Refusals that a policy gave, or the gate on its behalf. Any other says nothing about policies.</summary>
    private static readonly FrozenSet<string> OfPolicies = new[]
    {
        DecisionCodes.NoPolicy, DecisionCodes.ToolUnknown, DecisionCodes.ToolHidden, DecisionCodes.Denied, DecisionCodes.DefaultDeny, DecisionCodes.ArgumentsInvalid,
        DecisionCodes.Condition, DecisionCodes.ApprovalRequired, DecisionCodes.Unjudgeable, DecisionCodes.Drifted, PolicySimulation.LimitExceeded,
        "approval.denied", "approval.expired", "approval.queue_full",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<long, string> None = FrozenDictionary<long, string>.Empty;

    private readonly PolicySimulation simulation = new(policy);
    private readonly Dictionary<string, Grant> grants = now.GrantsByTokenHash.Values.DistinctBy(static grant => grant.Id).ToDictionary(static grant => grant.Id, StringComparer.Ordinal);
    private readonly Dictionary<(string?, string?, string, string, string?, SimulatedKey), long> groups = [];
    private readonly Dictionary<string, long> unjudged = new(StringComparer.Ordinal);
    private long records;
    private long skipped;
    private string? until;

    public async ValueTask<SimulationReply> RunAsync(AuditQuery query, CancellationToken ct)
    {
        var complete = false;
        for (var pages = 0; pages < MostPages && groups.Count < MostGroups && !complete; pages++)
        {
            var found = await index.SearchAsync(query, ct);
            var page = found.Records.Select(static json => JsonElement.Parse(json)).ToList();
            var kept = page.Count == 0 ? None : await index.SealedArgumentsAsync(Seq(page[0]), Seq(page[^1]), ct);
            foreach (var record in page)
            {
                Take(record, kept);
            }

            complete = found.Cursor is null;
            query = query with { Cursor = found.Cursor };
        }

        return Reply(complete);
    }

    private void Take(JsonElement record, IReadOnlyDictionary<long, string> kept)
    {
        if (replaces is not null && Text(record, "policy") != replaces)
        {
            return;
        }

        records++;
        until = Text(record, "time");
        var (decision, code) = (Text(record, "decision") ?? "", Text(record, "code"));
        if (Text(record, "tool") is not { } tool || !record.GetProperty("time").TryGetDateTimeOffset(out var time) || (decision != "allow" && !OfPolicies.Contains(code ?? "")) || tool.EndsWith(Cut))
        {
            skipped++;
            return;
        }

        var (grant, server) = (Text(record, "grant"), Text(record, "server"));
        var told = simulation.Judge(Call(record, tool, time, code, Values(record, kept)));
        foreach (var rule in told.Unjudged)
        {
            unjudged[rule] = unjudged.GetValueOrDefault(rule) + 1;
        }

        var key = (grant, server, tool, decision, decision == "allow" ? null : code, new SimulatedKey(told.Decision, told.Code, told.Rule, string.Join('\n', told.Unjudged)));
        groups[key] = groups.GetValueOrDefault(key) + 1;
    }

    private RecordedCall Call(JsonElement record, string tool, DateTimeOffset time, string? code, JsonElement? values)
    {
        var (id, server) = (Text(record, "grant") ?? "", Text(record, "server"));
        var grant = grants.GetValueOrDefault(id);
        var pinned = server is null ? null : PinBook.Of(now, server)?.Tools.GetValueOrDefault(tool);
        var standing = code switch
        {
            DecisionCodes.ToolUnknown => ToolStanding.Unknown,
            DecisionCodes.Drifted => ToolStanding.Drifted,
            DecisionCodes.ApprovalRequired when Text(record, "rule") == Decision.DriftRule => ToolStanding.DriftedAsked,
            _ => ToolStanding.Reviewed,
        };
        var names = record.TryGetProperty("argument_names", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(static name => name.ToString()).ToFrozenSet(StringComparer.Ordinal)
            : [];
        return new RecordedCall(
            id,
            new CallFacts(tool, standing)
            {
                Arguments = values ?? default,
                Schema = values is null ? null : pinned?.Schema,
                Category = pinned?.Category,
                ShownCategory = pinned is { Shown: { } shown } ? shown.Category : pinned?.Category,
                Caller = new CallerFacts(grant?.Label, Text(record, "identity"), grant?.Attributes, server, Text(record, "client")),
                Now = time,
            },
            names,
            code) { HasAllNames = names.Count < NamesInRecord && !names.Any(static name => name.EndsWith(Cut)), KnowsValues = values is not null };
    }

    /// <summary>The arguments as they were; null where the record did not keep them, or another key sealed them.</summary>
    private JsonElement? Values(JsonElement record, IReadOnlyDictionary<long, string> kept) =>
        kept.TryGetValue(Seq(record), out var text) && Text(record, "id") is { } id && arguments.Open(id, text) is { } plain ? JsonElement.Parse(plain) : null;

    private static long Seq(JsonElement record) => record.GetProperty("seq").GetInt64();

    private SimulationReply Reply(bool complete)
    {
        var told = groups
            .Select(static pair => new SimulationGroup(
                pair.Key.Item1, pair.Key.Item2, pair.Key.Item3, pair.Key.Item4, pair.Key.Item5, pair.Key.Item6.Decision, pair.Key.Item6.Code, pair.Key.Item6.Rule,
                pair.Key.Item6.Unjudged.Length == 0 ? [] : pair.Key.Item6.Unjudged.Split('\n'), pair.Key.Item6.Decision != "unclear" && pair.Key.Item6.Decision != pair.Key.Item4, pair.Value))
            .OrderByDescending(static group => group.Calls).ThenBy(static group => group.Tool, StringComparer.Ordinal).ThenBy(static group => group.Grant, StringComparer.Ordinal)
            .ToList();
        var (changed, unclear) = (told.Where(static group => group.Changed).Sum(static group => group.Calls), told.Where(static group => group.After == "unclear").Sum(static group => group.Calls));
        return new SimulationReply(
            records, skipped, records - skipped - changed - unclear, changed, unclear, complete, until, told,
            [.. unjudged.Select(static pair => new UnjudgedRule(pair.Key, pair.Value)).OrderBy(static rule => rule.Rule, StringComparer.Ordinal)]);
    }

    private static string? Text(JsonElement record, string member) =>
        record.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record SimulatedKey(string Decision, string? Code, string Rule, string Unjudged);
}
