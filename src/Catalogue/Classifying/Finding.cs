namespace Callgate.Catalogue.Classifying;

/// <summary>One thing read in a definition that speaks for a category.</summary>
/// <param name="Category">Which.</param>
/// <param name="Strength">0 nothing was found, 1 a hint, 2 usually, 3 plainly.</param>
/// <param name="Evidence">The words and where they stand.</param>
internal readonly record struct Finding(RiskCategory Category, int Strength, ClassificationEvidence? Evidence)
{
    /// <summary>Nothing says anything.</summary>
    public static Finding Nothing => new(RiskCategory.Other, 0, null);

    /// <summary>The more severe of two (labels: the most severe class that applies wins); of equal ones the stronger.</summary>
    public Finding Worse(Finding other)
    {
        if (Strength == 0 || other.Strength == 0)
        {
            return Strength == 0 ? other : this;
        }

        var difference = Ranking.Of(other.Category) - Ranking.Of(Category);
        return difference > 0 || (difference == 0 && other.Strength > Strength) ? other : this;
    }
}

/// <summary>The ranking of categories: financial, destructive, execute, write, read; other comes last.</summary>
internal static class Ranking
{
    public static int Of(RiskCategory category) => category switch
    {
        RiskCategory.Financial => 5,
        RiskCategory.Destructive => 4,
        RiskCategory.Execute => 3,
        RiskCategory.Write => 2,
        RiskCategory.Read => 1,
        _ => 0,
    };

    /// <summary>What must not be mistaken for something harmless.</summary>
    public static bool IsCritical(RiskCategory category) => category is RiskCategory.Destructive or RiskCategory.Financial;
}
