using System.Globalization;
using System.Text.Json;

namespace Callgate.Policy.Tests.Reference;

/// <summary>The engine, asked in the words of the naive evaluator.</summary>
internal static class Engine
{
    private static readonly InputSchema Nothing = InputSchema.Compile(JsonElement.Parse("false"u8));

    /// <summary>
    /// Loads a document, which must have no errors, and gives back what judges calls under it. The texts of codes, rules
    /// and limits are those that <see cref="NaiveDecision"/> describes.
    /// </summary>
    public static Func<NaiveFacts, NaiveDecision> Judge(byte[] documentBytes)
    {
        var compilation = PolicyCompiler.Compile(documentBytes);
        if (compilation.Policy is not { } policy)
        {
            throw new InvalidOperationException("refused: " + string.Join("; ", compilation.Diagnostics.Select(found => $"{found.Pointer}: {found.Message}")));
        }

        return facts => Answer(policy.Decide(Facts(facts)));
    }

    private static CallFacts Facts(NaiveFacts facts) => new(facts.Tool, Enum.Parse<ToolStanding>(facts.Standing.ToString()))
    {
        Arguments = facts.Args ?? default,
        Schema = facts.SchemaMismatch ? Nothing : null,
        Category = facts.Category is { } category ? Enum.Parse<ToolCategory>(category) : null,
        ShownCategory = facts.ShownCategory is { } shown ? Enum.Parse<ToolCategory>(shown) : null,
        Caller = new CallerFacts(facts.Label, facts.Identity, facts.Attributes, facts.Server, facts.Client),
        Now = facts.Now,
    };

    private static NaiveDecision Answer(Decision decision) => decision.Effect == Effect.Allow
        ? new NaiveDecision("allow", "", "", string.Join('\n', decision.Limits.Select(Text)))
        : new NaiveDecision(decision.Effect.ToString().ToLowerInvariant(), decision.Code!, decision.Rule, "");

    private static string Text(Limit limit)
    {
        var inFlight = limit.Concurrent is not null;
        var window = limit.Window.Name is "week" or "month" ? limit.Window.Name : limit.Window.Seconds.ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"counter={limit.Counter} window={(inFlight ? "-" : window)} max={(inFlight ? "-" : Plain(limit.Max))}")
            + $" scope={limit.Scope.ToString().ToLowerInvariant()} sliding={(limit.Sliding ? "true" : "false")} amount={Plain(limit.Amount)}"
            + $" per={Value(limit.Per)} concurrent={limit.Concurrent?.ToString(CultureInfo.InvariantCulture) ?? "-"} rule={limit.Rule}";
    }

    private static string Value(string? per) => per switch
    {
        null => "-",
        ['"', .. var text, '"'] => "string:" + text,
        "true" or "false" => "boolean:" + per,
        _ => "number:" + per,
    };

    private static string Plain(decimal number) => (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
}
