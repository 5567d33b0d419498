using Xunit;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>
/// What the classifier is worth, counted on labelled tools. With CALLGATE_WRITE_FIGURES in the environment the tests write
/// what they counted into the source tree, as <c>eng/classifier-figures</c> does; otherwise they compare.
/// </summary>
public sealed class FiguresTests
{
    private static readonly Experiment Experiment = Experiment.OfTheRepository;

    [Fact]
    public void Document_Figures_AreThoseCountedNow()
    {
        var committed = File.ReadAllText(Repository.At("docs", "classifier.md"));
        var begin = committed.IndexOf(FiguresText.Begin, StringComparison.Ordinal);
        var end = committed.IndexOf(FiguresText.End, StringComparison.Ordinal);
        Assert.True(begin > 0 && end > begin, "docs/classifier.md holds the two lines that mark what is counted");

        Settle("docs/classifier.md", committed, $"{committed[..begin]}{FiguresText.Begin}\n\n{FiguresText.Write(Experiment)}{committed[end..]}");
    }

    [Fact]
    public void Confidence_Table_IsThatOfTheLabels()
    {
        const string Mark = "Text = \"\"\"\n";
        var path = Path.Combine("src", "Catalogue", "Classifying", "ConfidenceTable.cs");
        var committed = File.ReadAllText(Repository.At(path));
        var begin = committed.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        var end = committed.IndexOf("        \"\"\"", begin, StringComparison.Ordinal);
        var lines = ConfidenceFit.Write([.. Experiment.Tools.Zip(Experiment.Readings)]).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Settle(path, committed, $"{committed[..begin]}{string.Concat(lines.Select(static line => $"        {line}\n"))}{committed[end..]}");
    }

    /// <summary>Careful people agree with the labels as collected on 82 to 85 of 100; far above that the rules would know the labels by heart.</summary>
    [Fact]
    public void Category_AsCollected_IsRightForFourOfFive() => Assert.InRange(PerCent(Experiment.RulesRaw.Right, Experiment.RulesRaw.Count), 80, 90);

    [Fact]
    public void Category_Reviewed_IsRightForMoreThanEightyFive() => Assert.InRange(PerCent(Experiment.RulesReviewed.Right, Experiment.RulesReviewed.Count), 85, 92);

    [Fact]
    public void Risk_OfBothLabels_IsRightAtLeastAsOften()
    {
        Assert.True(Experiment.RulesRaw.RightRisk >= Experiment.RulesRaw.Right);
        Assert.InRange(PerCent(Experiment.RulesReviewed.RightRisk, Experiment.RulesReviewed.Count), 87, 95);
    }

    [Fact]
    public void Category_ServersHeldOut_IsAsGoodAsOnTheOthers()
    {
        var held = Experiment.RulesRaw.Where(static answer => CrossValidation.IsHeldOut(answer.Tool));

        Assert.True(PerCent(held.Right, held.Count) > 80);
    }

    [Fact]
    public void CostlyError_Reviewed_IsUnderOnePerCentOfSuchTools() =>
        Assert.True(Experiment.RulesReviewed.Costly * 100 < Experiment.RulesReviewed.Critical, $"{Experiment.RulesReviewed.Costly} of {Experiment.RulesReviewed.Critical}");

    [Fact]
    public void CostlyError_AsCollected_IsUnderOnePerCentOfAllTools() =>
        Assert.True(Experiment.RulesRaw.Costly * 100 < Experiment.RulesRaw.Count, $"{Experiment.RulesRaw.Costly} of {Experiment.RulesRaw.Count}");

    [Fact]
    public void Confidence_AboveTheFloor_IsRightMoreOftenThanBelow()
    {
        var raw = Experiment.RulesRaw;

        Assert.InRange(PerCent(raw.Unsure, raw.Count), 1, 10);
        Assert.True(PerCent(raw.RightOfUnsure, raw.Unsure) + 20 < PerCent(raw.Right - raw.RightOfUnsure, raw.Count - raw.Unsure));
    }

    /// <summary>When this fails a model has become worth shipping; then the rules keep what they call Destructive or Financial.</summary>
    [Fact]
    public void Model_OverWords_DoesNotBeatTheRules() =>
        Assert.True(Experiment.ModelRaw.Right <= Experiment.RulesRaw.Right + 5, $"{Experiment.ModelRaw.Right} beside {Experiment.RulesRaw.Right}");

    [Fact]
    public void Model_FittedTwice_HasTheSameWeights()
    {
        var examples = Experiment.Tools.Select(Trainer.ExampleOf).ToList();

        Assert.Equal(Lines(), Lines());

        IEnumerable<string> Lines() => Trainer.Fit(examples).Select(static pair => $"{pair.Key} {string.Join(' ', pair.Value)}");
    }

    private static double PerCent(int part, int all) => 100.0 * part / all;

    private static void Settle(string path, string committed, string counted)
    {
        if (Environment.GetEnvironmentVariable("CALLGATE_WRITE_FIGURES") is { Length: > 0 })
        {
            File.WriteAllText(Repository.At(path), counted);
            return;
        }

        Assert.True(committed == counted, $"{path} and the labels differ; run eng/classifier-figures and look at the difference");
    }
}
