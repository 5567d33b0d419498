using System.Globalization;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>Which of the two labels of a tool counts.</summary>
internal delegate RiskCategory LabelOf(LabelledTool tool);

/// <summary>Figures over a list of answers.</summary>
internal sealed class Measures(IReadOnlyList<Answer> answers, LabelOf label)
{
    /// <summary>The catalogue's own totals, which the labelled tools are far from: they favour contested verbs and rare categories.</summary>
    private static readonly (RiskCategory[] Categories, int Weight)[] WholeCatalogue =
        [([RiskCategory.Read], 610), ([RiskCategory.Write], 210), ([RiskCategory.Execute], 96), ([RiskCategory.Destructive, RiskCategory.Financial], 78)];

    public int Count => answers.Count;

    public int Right => answers.Count(IsRight);

    public int RightRisk => answers.Count(answer => RiskLevels.Of(answer.Category) == RiskLevels.Of(label(answer.Tool)));

    /// <summary>Tools labelled Destructive or Financial.</summary>
    public int Critical => answers.Count(answer => IsCritical(label(answer.Tool)));

    /// <summary>Those of them called Read or Other: the error that costs.</summary>
    public int Costly => answers.Count(IsCostly);

    /// <summary>The costly errors that nothing catches, for the answer is above the floor.</summary>
    public int CostlyAboveFloor => answers.Count(answer => answer.IsSure && IsCostly(answer));

    public int Unsure => answers.Count(static answer => !answer.IsSure);

    public int RightOfUnsure => answers.Count(answer => !answer.IsSure && IsRight(answer));

    /// <summary>The share of right answers if the categories came as often as in the whole catalogue, in tenths of a per cent.</summary>
    public int Weighted
    {
        get
        {
            var sum = 0.0;
            foreach (var (categories, weight) in WholeCatalogue)
            {
                var group = answers.Where(answer => categories.Contains(label(answer.Tool))).ToList();
                sum += weight * (double)group.Count(IsRight) / group.Count;
            }

            return (int)Math.Round(1000 * sum / WholeCatalogue.Sum(static group => group.Weight));
        }
    }

    public Measures Where(Func<Answer, bool> condition) => new([.. answers.Where(condition)], label);

    public int Answered(RiskCategory labelled, RiskCategory answered) => answers.Count(answer => label(answer.Tool) == labelled && answer.Category == answered);

    /// <summary>As <c>81.7 %</c>.</summary>
    public static string Share(int part, int all) => all == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(1000.0 * part / all) / 10:F1} %");

    private static bool IsCritical(RiskCategory category) => category is RiskCategory.Destructive or RiskCategory.Financial;

    private bool IsRight(Answer answer) => answer.Category == label(answer.Tool);

    private bool IsCostly(Answer answer) => IsCritical(label(answer.Tool)) && answer.Category is (RiskCategory.Read or RiskCategory.Other);
}
