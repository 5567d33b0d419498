using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests;

/// <summary>Random documents and calls: the compiled policy and <see cref="ReferenceEvaluator"/> must agree.</summary>
public sealed class ReferenceTests
{
    private const int Seed = 31_415;

    private static readonly string[] Names = ["a", "b", "ab", "ba", "aab", "a/b", "*", "a*", "c", "\\", "aa_rate"];

    private static readonly string[] Patterns = ["a", "b", "ab", "a*", "*b", "a?", "?", "*", "a/b", "\\*", "a\\*", "??*", "b\\a", "\\\\", "a*b"];

    [Fact]
    public void Decide_RandomDocuments_AgreesWithTheReference()
    {
        var random = new Random(Seed);
        var (loaded, effects) = (0, new HashSet<string>());
        for (var i = 0; i < 4_000; i++)
        {
            var document = Document(random).ToJsonString();
            if (Texts.Compile(document).Policy is not { } policy)
            {
                continue;
            }

            loaded++;
            var read = JsonElement.Parse(document);
            foreach (var name in Names)
            {
                var standing = random.Next(4) == 0 ? (ToolStanding)random.Next(4) : ToolStanding.Reviewed;
                var expected = ReferenceEvaluator.Decide(read, name, standing);
                effects.Add(string.Join(' ', expected.Split(' ')[..2]));
                var told = Told(policy.Decide(name, standing));
                if (told != expected)
                {
                    Assert.Fail($"seed {Seed}: {document} on {name} {standing}: {told} instead of {expected}");
                }
            }
        }

        Assert.InRange(loaded, 500, 3_500);
        Assert.Equal(7, effects.Count);
    }

    private static string Told(Decision decision) =>
        $"{decision.Effect} {decision.Code} {decision.Rule}"
        + string.Concat(decision.Limits.Select(limit => FormattableString.Invariant(
            $" {limit.Counter} {limit.Max} {limit.Window.Name} {limit.Scope.ToString().ToLowerInvariant()} {limit.Rule}")));

    private static JsonObject Document(Random random)
    {
        var document = new JsonObject { ["version"] = "1", ["default"] = random.Next(2) == 0 ? "allow" : "deny" };
        if (random.Next(3) == 0)
        {
            document["hide"] = random.Next(10) == 0 ? "*" : new JsonArray([.. Some(random, 3).Select(pattern => (JsonNode)pattern)]);
        }

        if (random.Next(2) == 0)
        {
            document["all_tools"] = new JsonObject { ["limits"] = Limits(random) };
        }

        var tools = new JsonObject();
        foreach (var pattern in Some(random, 4).Distinct())
        {
            tools[pattern] = Entry(random);
        }

        document["tools"] = tools;
        return document;
    }

    private static JsonObject Entry(Random random)
    {
        var entry = new JsonObject();
        if (random.Next(2) == 0)
        {
            entry["action"] = new[] { "allow", "deny", "hide" }[random.Next(3)];
        }

        if (random.Next(3) == 0)
        {
            entry["limits"] = Limits(random);
        }

        if (random.Next(3) == 0)
        {
            entry["rate_limit"] = new JsonObject { ["max"] = random.Next(9), ["window"] = random.Next(2) == 0 ? "minute" : 90 };
        }

        return entry;
    }

    private static JsonArray Limits(Random random)
    {
        string[] counters = ["one", "two", "a_rate", "ab_rate", "three"];
        string[] scopes = ["grant", "server"];
        return new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => (JsonNode)new JsonObject
        {
            ["counter"] = counters[random.Next(counters.Length)],
            ["window"] = random.Next(5) == 0 ? 90 : "minute",
            ["max"] = random.Next(9),
            ["scope"] = scopes[random.Next(5) == 0 ? 1 : 0],
        })]);
    }

    private static List<string> Some(Random random, int most) =>
        [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => Patterns[random.Next(Patterns.Length)])];
}
