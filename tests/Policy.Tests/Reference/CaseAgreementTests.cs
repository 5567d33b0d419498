using System.Text.Json;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Tests.Reference;

/// <summary>The files of cases, which people wrote, are held to the second evaluator too: it has to meet what they expect.</summary>
public sealed class CaseAgreementTests
{
    public static TheoryData<string> Files => CaseTests.Files;

    [Theory]
    [MemberData(nameof(Files))]
    public void NaiveEvaluator_FileOfCases_MeetsWhatIsWritten(string file)
    {
        var bytes = File.ReadAllBytes(Texts.Path(System.IO.Path.Combine("Cases", file)));
        var stated = PolicySyntax.Yaml.Read(new DiagnosticSink(new SourceText(bytes)))!.Find("policy")!;
        if (stated.Kind == NodeKind.Null)
        {
            return;
        }

        var policy = JsonElement.Parse(stated.Kind == NodeKind.Object ? stated.ToUtf8() : Read(stated.Text));
        var cases = CaseFile.Read(bytes, PolicySyntax.Yaml, Read).Cases!;
        Assert.Equal([], cases.Cases
            .Select(one => (one, Met: new NaiveEvaluator(policy, Facts(one.Facts)).Judge()))
            .Where(pair => Word(pair.one.Effect) != pair.Met.Effect || (pair.Met.Effect != "allow" && pair.one.Rule is { } rule && rule != pair.Met.Rule))
            .Select(pair => $"{file}:{pair.one.Line}: {pair.one.Name}: {pair.Met.Effect} {pair.Met.Code} {pair.Met.Rule}"));
    }

    private static byte[] Read(string path) => File.ReadAllBytes(Texts.Path(System.IO.Path.Combine("Cases", path)));

    private static string Word(Effect effect) => effect.ToString().ToLowerInvariant();

    private static NaiveFacts Facts(in CallFacts facts) => new()
    {
        Tool = facts.Tool,
        Standing = Enum.Parse<NaiveStanding>(facts.Standing.ToString()),
        SchemaMismatch = facts.Schema?.Check(facts.Arguments) is not null,
        Category = facts.Category?.ToString(),
        ShownCategory = facts.ShownCategory?.ToString(),
        Args = facts.Arguments.ValueKind == JsonValueKind.Undefined ? null : facts.Arguments,
        Label = facts.Caller!.GrantLabel!,
        Identity = facts.Caller.Identity,
        Attributes = facts.Caller.Attributes ?? new Dictionary<string, string>(),
        Server = facts.Caller.Server!,
        Client = facts.Caller.Client,
        Now = facts.Now,
    };
}
