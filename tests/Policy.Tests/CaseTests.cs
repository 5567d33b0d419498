using Callgate.Policy.Binding;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Tests;

/// <summary>The files of cases in <c>Cases</c>, in the format that operators use, and what they must cover together.</summary>
public sealed class CaseTests
{
    private const int Least = 300;

    private static readonly string[] Operators =
    [
        "eq", "neq", "lt", "lte", "gt", "gte", "in", "not_in", "contains", "not_contains", "exists", "regex", "not_regex",
        "starts_with", "ends_with", "glob", "path_within", "host_in", "length_lte",
    ];

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Texts.Path("Cases"), "*.cases.yaml").Select(file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Run_FileOfCases_MeetsWhatIsWritten(string file) => Assert.Equal([], Failures(file));

    [Fact]
    public void Files_AllOfThem_HoldHundredsOfCases() => Assert.True(Files.Sum(row => Read(row.Data).Count) >= Least);

    [Fact]
    public void Files_AllOfThem_MeetEveryCode()
    {
        var codes = typeof(DecisionCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        var met = Files.SelectMany(row => Read(row.Data).Run()).Select(result => result.Decision.Code);

        Assert.Equal([], codes.Except(met));
    }

    [Fact]
    public void Files_AllOfThem_JudgeEveryOperatorInEveryListByEveryTruth()
    {
        var wanted =
            from name in Operators
            from list in new[] { "require", "deny_if", "approve_if" }
            from truth in Enum.GetValues<Truth>()
            where name != "exists" || truth != Truth.Unknown
            select $"{name} {list} {truth}";

        Assert.Equal([], wanted.Except(Files.SelectMany(row => Judged(row.Data)).Distinct()));
    }

    [Fact]
    public void Seeds_OfTheFiveSystems_AllHaveAFileOfCases()
    {
        var seeds = Directory.GetFiles(Texts.Path("Seeds")).Select(seed => $"seed-{System.IO.Path.GetFileNameWithoutExtension(seed)}.cases.yaml").ToList();

        Assert.Equal(5, seeds.Count);
        Assert.Equal([], seeds.Except(Files.Select(row => row.Data)));
    }

    private static IEnumerable<string> Failures(string file) =>
        Read(file).Run().Where(result => !result.Passed).Select(result => $"{file}:{result.Line}: {result.Name}: {string.Join("; ", result.Differences)}");

    private static CaseFile Read(string file)
    {
        var reading = CaseFile.Read(Bytes(file), PolicySyntax.Yaml, path => File.ReadAllBytes(Texts.Path(System.IO.Path.Combine("Cases", path))));
        Assert.Equal([], reading.Diagnostics.Concat(reading.PolicyDiagnostics).Select(found => $"{file}:{found.Line}:{found.Column}: {found.Pointer} {found.Message}"));
        return reading.Cases!;
    }

    private static byte[] Bytes(string file) => File.ReadAllBytes(Texts.Path(System.IO.Path.Combine("Cases", file)));

    /// <summary>What each condition of the called tool's own entry comes to, in each case.</summary>
    private static IEnumerable<string> Judged(string file)
    {
        var sink = new DiagnosticSink(new SourceText(Bytes(file)));
        if (PolicySyntax.Yaml.Read(sink)?.Find("policy") is not { Kind: NodeKind.Object } policy)
        {
            return [];
        }

        var model = DocumentBinder.Bind(policy, sink);
        return
            from one in Read(file).Cases
            from entry in model.Entries
            where entry.Pattern.ExactName == one.Facts.Tool
            from told in Judged(entry, one.Facts)
            select told;
    }

    private static IEnumerable<string> Judged(ToolEntry entry, CallFacts facts) =>
        new[] { ("deny_if", entry.Rules.DenyIf, Quantifier.Any), ("require", entry.Rules.Require, Quantifier.All), ("approve_if", entry.Rules.ApproveIf, Quantifier.Any) }
            .SelectMany(list => list.Item2.SelectMany((rule, at) => rule.Conditions.Select((condition, place) =>
                $"{Operator(entry.Node, list.Item1, at, place)} {list.Item1} {Judged(condition, facts, list.Item3)}")));

    private static Truth Judged(Condition condition, CallFacts facts, Quantifier quantifier)
    {
        Work.Begin();
        return condition.Judge(facts, quantifier);
    }

    private static string Operator(Node entry, string list, int rule, int condition) =>
        entry.Find(list)!.Items[rule].Find("conditions")!.Items[condition].Find("op")!.Text;
}
