using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>What was answered about a labelled tool.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Category">The category answered, sure or not.</param>
/// <param name="Confidence">From 0 to 1.</param>
internal sealed record Answer(LabelledTool Tool, RiskCategory Category, double Confidence)
{
    public bool IsSure => Confidence >= ToolClassification.Floor;
}

/// <summary>Grouped by server: whatever is fitted is fitted without the tools of the server that is judged. Overrides have no part in it.</summary>
internal static class CrossValidation
{
    public const int Folds = 10;

    /// <summary>Which of so many parts a server belongs to, by its name alone.</summary>
    public static int PartOf(string server, int parts)
    {
        var hash = 2166136261u;
        foreach (var unit in server)
        {
            hash = (hash ^ unit) * 16777619;
        }

        return (int)((hash >> 7) % (uint)parts);
    }

    /// <summary>The servers whose mistakes were not looked at while the rules were written.</summary>
    public static bool IsHeldOut(LabelledTool tool) => PartOf(tool.Server, 3) == 0;

    /// <summary>The classifier as it ships, its confidences counted anew for each fold.</summary>
    public static List<Answer> ByRules(IReadOnlyList<LabelledTool> tools, IReadOnlyList<RuleReading> readings) =>
        ByFold(tools, (seen, at) =>
        {
            var table = ConfidenceTable.Read(ConfidenceFit.Write([.. seen.Select(i => (tools[i], readings[i]))]));
            return new Answer(tools[at], readings[at].Category, table.Of(readings[at]));
        });

    /// <summary>A model over words beside the rules: it chooses the category, but may not lower Destructive or Financial.</summary>
    public static List<Answer> ByModel(IReadOnlyList<LabelledTool> tools, IReadOnlyList<RuleReading> readings, IReadOnlyList<Example> examples)
    {
        var models = new Dictionary<int, LinearModel>();
        return ByFold(tools, (seen, at) =>
        {
            var fold = PartOf(tools[at].Server, Folds);
            if (!models.TryGetValue(fold, out var model))
            {
                models.Add(fold, model = LinearModel.Of(Trainer.Fit([.. seen.Select(i => examples[i])])));
            }

            var probabilities = model.Probabilities(examples[at].Features);
            var isVetoed = Ranking.IsCritical(readings[at].Category) && readings[at].Strength >= 2;
            var best = Enum.GetValues<RiskCategory>().Where(category => !isVetoed || Ranking.IsCritical(category)).MaxBy(category => probabilities[(int)category]);
            return new Answer(tools[at], best, probabilities[(int)best]);
        });
    }

    private static List<Answer> ByFold(IReadOnlyList<LabelledTool> tools, Func<IReadOnlyList<int>, int, Answer> answer)
    {
        var seen = Enumerable.Range(0, Folds).Select(fold => Enumerable.Range(0, tools.Count).Where(i => PartOf(tools[i].Server, Folds) != fold).ToList()).ToArray();
        return [.. Enumerable.Range(0, tools.Count).Select(at => answer(seen[PartOf(tools[at].Server, Folds)], at))];
    }
}
