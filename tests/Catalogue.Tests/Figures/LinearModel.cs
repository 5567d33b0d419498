using System.Collections.Frozen;
using System.Globalization;
using System.Text;

using Callgate.Catalogue.Classifying;

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

    /// <summary>Reads lines of a feature and its weight for each category in the order of <see cref="RiskCategory"/>; <c>#</c> begins a comment.</summary>
    public static LinearModel Read(ReadOnlySpan<byte> utf8)
    {
        var read = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(utf8).Split('\n'))
        {
            var parts = line.Split(' ');
            if (parts.Length == Categories + 1 && parts[0] != "#")
            {
                read.Add(parts[0], [.. parts.Skip(1).Select(static part => int.Parse(part, CultureInfo.InvariantCulture))]);
            }
        }

        return new LinearModel(read.ToFrozenDictionary(StringComparer.Ordinal));
    }

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
