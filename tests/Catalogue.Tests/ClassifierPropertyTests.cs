using System.Globalization;
using System.Text.Json;
using Callgate.Catalogue.Classifying;
using Callgate.Catalogue.Tests.Figures;
using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>What must hold for every tool, tried on the labelled ones.</summary>
public sealed class ClassifierPropertyTests
{
    private static readonly IReadOnlyList<LabelledTool> Labelled = Experiment.OfTheRepository.Tools;

    private static readonly string[] Hints = ["{}", """{"readOnlyHint":true}""", """{"readOnlyHint":false}""", """{"destructiveHint":false}""", """{"destructiveHint":true}""", """{"readOnlyHint":false,"destructiveHint":true}"""];

    [Fact]
    public void Classify_AnyAnnotation_NeverLowers()
    {
        foreach (var tool in Labelled)
        {
            var (name, description) = Texts(tool);
            var without = Tools.Of(name, description);
            var bare = without.Category;
            var last = bare;
            foreach (var hints in Hints)
            {
                var hinted = Tools.Of(name, description, annotations: hints);
                Assert.True(hinted.Risk >= without.Risk, $"{name} {hints}: {without.Risk} became {hinted.Risk}");
                var found = hinted.Category;
                Assert.True(Ranking.Of(found) >= Ranking.Of(bare), $"{name} {hints}: {bare} became {found}");
                last = found;
            }

            Assert.True(Ranking.IsCritical(last), $"{name}: both hints together give {last}");
        }
    }

    [Theory]
    [InlineData("It does not delete anything.")]
    [InlineData("Never charges the card.")]
    [InlineData("This tool will not run code.")]
    [InlineData("Doesn't cancel, purge or remove orders.")]
    [InlineData("No payment is made.")]
    [InlineData("It isn't irreversible.")]
    [InlineData("Löscht keine Datei.")]
    [InlineData("No elimina nada.")]
    [InlineData("不删除任何文件。")]
    [InlineData("ファイルを削除しません。")]
    public void Classify_ADeniedSentenceAdded_NeverRaises(string denial)
    {
        foreach (var tool in Labelled.Where(static tool => tool.HasDescription))
        {
            var (name, description) = Texts(tool);
            var before = Tools.Of(name, description + ".").Category;
            var after = Tools.Of(name, $"{description}. {denial}").Category;

            Assert.True(Ranking.Of(after) <= Ranking.Of(before), $"{name}: {before} became {after}");
        }
    }

    /// <summary>Letters, numbers and sorting of a culture have no say; Turkish has its own i, German its own comma.</summary>
    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    public void Classify_UnderAnotherCulture_AnswersTheSame(string culture)
    {
        var here = Everything();
        var before = CultureInfo.CurrentCulture;
        try
        {
            var odd = (CultureInfo)new CultureInfo(culture).Clone();
            odd.NumberFormat.NumberDecimalSeparator = ",";
            odd.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = odd;

            Assert.Equal(here, Everything());
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public void Classify_OnManyThreads_AnswersTheSame()
    {
        var here = Everything();

        Assert.All(Enumerable.Range(0, 4).AsParallel().Select(static _ => Everything()), there => Assert.Equal(here, there));
    }

    [Fact]
    public void Classify_MembersInAnotherOrder_AnswersTheSame()
    {
        var one = JsonElement.Parse("""{"name":"wipe_disk","description":"Wipes a disk.","annotations":{"title":"Wipe","readOnlyHint":false}}""");
        var other = JsonElement.Parse("""{"annotations":{"readOnlyHint":false,"title":"Wipe"},"description":"Wipes a disk.","name":"wipe_disk"}""");

        Assert.Equal(Tools.Text(Tools.Rules.Classify(one)), Tools.Text(Tools.Rules.Classify(other)));
    }

    [Fact]
    public void Classify_ATool_AllocatesLittle()
    {
        var definition = Tools.Definition("flowforge_cancel_run", string.Concat(Enumerable.Repeat("Cancel a run that is pending or running. ", 12)), """{"type":"object","properties":{"run_id":{"type":"string"}}}""");
        Tools.Rules.Classify(definition);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Tools.Rules.Classify(definition);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes");
    }

    private static string Everything() => string.Join('\n', Labelled.Select(static tool => Tools.Text(Tools.Rules.Classify(tool.Definition, tool.Server))));

    private static (string Name, string? Description) Texts(LabelledTool tool) =>
        (tool.Name, tool.Definition.TryGetProperty("description", out var description) ? description.GetString() : null);
}
