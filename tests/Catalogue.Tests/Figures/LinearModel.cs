using System.Collections.Frozen;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>
/// Multinomial logistic regression with whole numbers as weights: a category's score is the sum of what the features of a
/// tool weigh for it. Sums of whole numbers are the same on every machine and in every order.
/// </summary>
internal sealed class LinearModel
{
    /// <summary>Weights are hundredths of a natural logarithm.</summary>
    public const int Unit = 100;

    private readonly FrozenDictionary<string, int[]> weights;

    private LinearModel(FrozenDictionary<string, int[]> weights) => this.weights = weights;

    public static int Categories { get; } = Enum.GetValues<RiskCategory>().Length;

    /// <summary>A model of weights by feature, for each category in the order of <see cref="RiskCategory"/>.</summary>
    public static LinearModel Of(IEnumerable<KeyValuePair<string, int[]>> weights) => new(weights.ToFrozenDictionary(StringComparer.Ordinal));

    /// <summary>The probability of each category.</summary>
    public double[] Probabilities(IEnumerable<string> features)
    {
        Span<int> scores = stackalloc int[Categories];
        scores.Clear();
        foreach (var feature in features)
        {
            if (weights.TryGetValue(feature, out var of))
            {
                for (var i = 0; i < scores.Length; i++)
                {
                    scores[i] += of[i];
                }
            }
        }

        return Normalize(scores);
    }

    private static double[] Normalize(ReadOnlySpan<int> scores)
    {
        var most = scores[0];
        foreach (var score in scores)
        {
            most = Math.Max(most, score);
        }

        var parts = new double[scores.Length];
        var sum = 0.0;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Exponential.Of((scores[i] - most) / (double)Unit);
            sum += parts[i];
        }

        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] /= sum;
        }

        return parts;
    }
}
