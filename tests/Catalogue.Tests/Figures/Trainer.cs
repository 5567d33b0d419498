using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>A tool as the model sees it.</summary>
internal sealed record Example(string[] Features, RiskCategory Category);

/// <summary>
/// Fits the model: every example in its order, a fixed number of rounds, additions, multiplications, divisions and square
/// roots only. So the weights come out the same, bit for bit, wherever it runs.
/// </summary>
internal static class Trainer
{
    /// <summary>Words seen in fewer tools than this teach more about those tools than about others.</summary>
    private const int LeastTools = 2;

    private const int Rounds = 150;
    private const double Step = 0.3;
    private const double Shrinking = 2;

    /// <summary>The features of a tool in ordinal order.</summary>
    public static Example ExampleOf(LabelledTool tool)
    {
        var text = ToolText.Of(tool.Definition, tool.Server);
        return new Example([.. Features.Of(text, RuleReading.Of(text)).Order(StringComparer.Ordinal)], tool.Reviewed);
    }

    /// <summary>The weights in hundredths, by feature in ordinal order; features that weigh nothing are left out.</summary>
    public static List<KeyValuePair<string, int[]>> Fit(IReadOnlyList<Example> examples)
    {
        var names = examples.SelectMany(static example => example.Features).CountBy(static name => name)
            .Where(static counted => counted.Value >= LeastTools).Select(static counted => counted.Key).Order(StringComparer.Ordinal).ToArray();
        var index = names.Select(static (name, i) => (name, i)).ToDictionary(static pair => pair.name, static pair => pair.i, StringComparer.Ordinal);
        var rows = examples.Select(example => example.Features.Where(index.ContainsKey).Select(name => index[name]).ToArray()).ToArray();
        var categories = LinearModel.Categories;
        var weights = new double[names.Length * categories];
        var gradients = new double[weights.Length];
        var sums = new double[weights.Length];
        var scores = new double[categories];
        for (var round = 0; round < Rounds; round++)
        {
            Array.Clear(gradients);
            for (var i = 0; i < rows.Length; i++)
            {
                Slope(rows[i], (int)examples[i].Category, weights, gradients, scores);
            }

            for (var i = 0; i < weights.Length; i++)
            {
                var gradient = gradients[i] + (Shrinking * weights[i]);
                sums[i] += gradient * gradient;
                weights[i] -= sums[i] > 0 ? Step * gradient / Math.Sqrt(sums[i]) : 0;
            }
        }

        return [.. names.Select((name, i) => KeyValuePair.Create(name, Whole(weights.AsSpan(i * categories, categories)))).Where(static pair => pair.Value.Any(static weight => weight != 0))];
    }

    private static void Slope(int[] row, int category, double[] weights, double[] gradients, double[] scores)
    {
        Array.Clear(scores);
        foreach (var feature in row)
        {
            for (var k = 0; k < scores.Length; k++)
            {
                scores[k] += weights[(feature * scores.Length) + k];
            }
        }

        var most = scores.Max();
        var sum = 0.0;
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = Exponential.Of(scores[k] - most);
            sum += scores[k];
        }

        for (var k = 0; k < scores.Length; k++)
        {
            var slope = (scores[k] / sum) - (k == category ? 1 : 0);
            foreach (var feature in row)
            {
                gradients[(feature * scores.Length) + k] += slope;
            }
        }
    }

    private static int[] Whole(ReadOnlySpan<double> weights)
    {
        var whole = new int[weights.Length];
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = (int)Math.Floor((weights[i] * LinearModel.Unit) + 0.5);
        }

        return whole;
    }
}
