using System.Globalization;
using System.Text;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>Writes the part of <c>docs/classifier.md</c> that is counted.</summary>
internal sealed class FiguresText(Experiment experiment)
{
    public const string Begin = "<!-- counted by a test; eng/classifier-figures writes it anew -->";
    public const string End = "<!-- end of what is counted -->";

    private readonly StringBuilder text = new();

    public static string Write(Experiment experiment)
    {
        var writer = new FiguresText(experiment);
        writer.Accuracy();
        writer.Floor();
        writer.Matrix("Confusion by the labels as collected", experiment.RulesRaw);
        writer.Matrix("Confusion by the reviewed labels", experiment.RulesReviewed);
        return writer.text.ToString();
    }

    private void Accuracy()
    {
        text.Append(CultureInfo.InvariantCulture, $"""
            {experiment.Tools.Count} tools of {experiment.Tools.Select(static tool => tool.Server).Distinct().Count()} servers; {experiment.Tools.Count(static tool => tool.Raw != tool.Reviewed)} labels were reviewed.

            | what | tools | category, collected | risk, collected | category, reviewed | risk, reviewed |
            |---|---:|---:|---:|---:|---:|

            """);
        Row("the classifier, overrides left out", experiment.RulesRaw, experiment.RulesReviewed, static _ => true);
        Row("of these: servers whose mistakes were looked at", experiment.RulesRaw, experiment.RulesReviewed, static answer => !CrossValidation.IsHeldOut(answer.Tool));
        Row("of these: servers held out", experiment.RulesRaw, experiment.RulesReviewed, static answer => CrossValidation.IsHeldOut(answer.Tool));
        Row("of these: tools with a description", experiment.RulesRaw, experiment.RulesReviewed, static answer => answer.Tool.HasDescription);
        Row("of these: tools without", experiment.RulesRaw, experiment.RulesReviewed, static answer => !answer.Tool.HasDescription);
        Row("with a model over words beside it (not shipped)", experiment.ModelRaw, experiment.ModelReviewed, static _ => true);
        Row("the same, servers held out", experiment.ModelRaw, experiment.ModelReviewed, static answer => CrossValidation.IsHeldOut(answer.Tool));
        text.Append(CultureInfo.InvariantCulture, $"""

            Weighted as the whole catalogue is made up (Read 61 %, Write 21 %, Execute 9.6 %, Destructive and Financial 7.8 %), the category is right for
            {Tenths(experiment.RulesRaw.Weighted)} by the labels as collected and {Tenths(experiment.RulesReviewed.Weighted)} by the reviewed ones.

            The costly error, a Destructive or Financial tool called Read or Other:

            | labels | such tools | called Read or Other | of such tools | of all tools | above the floor |
            |---|---:|---:|---:|---:|---:|

            """);
        Costly("as collected", experiment.RulesRaw);
        Costly("reviewed", experiment.RulesReviewed);
        text.Append('\n');
    }

    private void Row(string what, Measures raw, Measures reviewed, Func<Answer, bool> condition)
    {
        var (one, other) = (raw.Where(condition), reviewed.Where(condition));
        text.Append(CultureInfo.InvariantCulture, $"| {what} | {one.Count} | {Measures.Share(one.Right, one.Count)} | {Measures.Share(one.RightRisk, one.Count)} | {Measures.Share(other.Right, other.Count)} | {Measures.Share(other.RightRisk, other.Count)} |\n");
    }

    private void Costly(string labels, Measures of) =>
        text.Append(CultureInfo.InvariantCulture, $"| {labels} | {of.Critical} | {of.Costly} | {Measures.Share(of.Costly, of.Critical)} | {Measures.Share(of.Costly, of.Count)} | {of.CostlyAboveFloor} |\n");

    private void Floor()
    {
        var (raw, reviewed) = (experiment.RulesRaw, experiment.RulesReviewed);
        text.Append(CultureInfo.InvariantCulture, $"""
            Below the floor of {ToolClassification.Floor:F2}: {raw.Unsure} tools ({Measures.Share(raw.Unsure, raw.Count)}), of which {raw.RightOfUnsure} are right by the labels as collected. Above it {Measures.Share(raw.Right - raw.RightOfUnsure, raw.Count - raw.Unsure)}
            are right as collected, {Measures.Share(reviewed.Right - reviewed.RightOfUnsure, reviewed.Count - reviewed.Unsure)} as reviewed.

            | confidence | tools | right, collected | right, reviewed |
            |---|---:|---:|---:|

            """);
        foreach (var (from, to) in new[] { (0, 50), (50, 70), (70, 80), (80, 90), (90, 101) })
        {
            bool IsIn(Answer answer) => (int)Math.Round(answer.Confidence * 100) >= from && (int)Math.Round(answer.Confidence * 100) < to;
            var (one, other) = (raw.Where(IsIn), reviewed.Where(IsIn));
            text.Append(CultureInfo.InvariantCulture, $"| {from / 100.0:F2} to {Math.Min(to, 100) / 100.0:F2} | {one.Count} | {Measures.Share(one.Right, one.Count)} | {Measures.Share(other.Right, other.Count)} |\n");
        }

        text.Append('\n');
    }

    private void Matrix(string title, Measures of)
    {
        var categories = Enum.GetValues<RiskCategory>();
        text.Append(CultureInfo.InvariantCulture, $"### {title}\n\nA row is a label, a column what was answered.\n\n| | {string.Join(" | ", categories)} | right |\n|---|{string.Concat(categories.Select(static _ => "---:|"))}---:|\n");
        foreach (var labelled in categories)
        {
            var row = categories.Select(answered => of.Answered(labelled, answered)).ToList();
            text.Append(CultureInfo.InvariantCulture, $"| **{labelled}** | {string.Join(" | ", row)} | {Measures.Share(row[(int)labelled], row.Sum())} |\n");
        }

        text.Append('\n');
    }

    private static string Tenths(int tenths) => string.Create(CultureInfo.InvariantCulture, $"{tenths / 10.0:F1} %");
}
