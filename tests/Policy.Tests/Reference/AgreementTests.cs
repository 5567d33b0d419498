using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests.Reference;

/// <summary>
/// Generated policies and calls. <c>CALLGATE_TRIPLES</c> is how many calls (200,000), <c>CALLGATE_SEED</c> repeats a run.
/// </summary>
public sealed class AgreementTests(ITestOutputHelper output)
{
    private static readonly string[] Truths = ["true", "false", "unknown"];

    [Fact]
    public void Engine_GeneratedCases_AgreesWithTheNaiveEvaluator()
    {
        var agreement = Announced();
        var told = agreement.Compare(Engine.Judge);
        Assert.True(told is null, told);
    }

    [Fact]
    public void Generator_ManyCases_ReachesEveryTruthAndEveryAnswer()
    {
        var truths = new Dictionary<(string, string), int>();
        var answers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        new Agreement(Announced().Seed, 200_000).Run(
            decision => Count(answers, $"{decision.Effect} {decision.Code}".TrimEnd() + (decision.Limits == "" ? "" : " with limits")),
            (what, truth) => Count(truths, (what, truth?.ToString().ToLowerInvariant() ?? "unknown")));

        string[] rows =
        [
            .. ConditionGenerator.Operators, "missing", "missing: pass", "[*] and", "[*] or", "require", "deny_if", "approve_if", "limit",
        ];
        var table = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{"",-14}{"true",10}{"false",10}{"unknown",10}");
        foreach (var row in rows)
        {
            table.Append(CultureInfo.InvariantCulture, $"{row,-14}");
            table.AppendJoin("", Truths.Select(truth => $"{truths.GetValueOrDefault((row, truth)),10}")).AppendLine();
        }

        foreach (var (answer, count) in answers)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{answer,-34}{count,10}");
        }

        output.WriteLine(table.ToString());
        Assert.All(Expected(), pair => Assert.True(truths.ContainsKey(pair), $"{pair} never met"));
        Assert.Equal(12, answers.Count);
    }

    [Fact]
    public void Generator_SamePlace_MakesTheSameCase()
    {
        Assert.Equal(PolicyGenerator.Document(7, 11).ToJsonString(), PolicyGenerator.Document(7, 11).ToJsonString());
        Assert.NotEqual(PolicyGenerator.Document(7, 11).ToJsonString(), PolicyGenerator.Document(8, 11).ToJsonString());
        Assert.Equal(CallGenerator.Call(7, 11, 3).Args?.GetRawText(), CallGenerator.Call(7, 11, 3).Args?.GetRawText());
    }

    [Fact]
    public void Compare_OneSideErrs_TellsASmallCase()
    {
        var told = new Agreement(1, 20_000).Compare(document =>
        {
            var wrong = Encoding.UTF8.GetString(document).Replace("\"lte\"", "\"lt\"", StringComparison.Ordinal);
            var policy = JsonSerializer.Deserialize<JsonElement>(wrong);
            return call => new NaiveEvaluator(policy, call).Judge();
        });

        Assert.NotNull(told);
        var shrunk = told[told.IndexOf("shrunk:", StringComparison.Ordinal)..];
        Assert.Contains("\"lte\"", shrunk, StringComparison.Ordinal);
        Assert.True(shrunk.Length < 1_000, shrunk);
    }

    private static IEnumerable<(string, string)> Expected() =>
        from row in ConditionGenerator.Operators.Concat(["[*] and", "[*] or", "require", "deny_if", "approve_if"])
        from truth in Truths
        where truth != "unknown" || row != "exists"
        select (row, truth);

    private static void Count<T>(IDictionary<T, int> counts, T key) => counts[key] = counts.TryGetValue(key, out var count) ? count + 1 : 1;

    private Agreement Announced()
    {
        var agreement = Agreement.FromEnvironment();
        output.WriteLine($"CALLGATE_SEED={agreement.Seed}");
        Console.WriteLine($"CALLGATE_SEED={agreement.Seed}");
        return agreement;
    }

}
