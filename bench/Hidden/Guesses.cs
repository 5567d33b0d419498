using System.Globalization;

namespace Callgate.Bench.Hidden;

/// <summary>What the times of two kinds of refusals tell of each other.</summary>
/// <param name="hidden">Of the hidden tool, in microseconds.</param>
/// <param name="absent">Of the one that never was.</param>
internal sealed class Guesses(double[] hidden, double[] absent, int seed)
{
    /// <summary>
    /// How often a hidden tool takes longer than an absent one, over all pairs of both (Mann and Whitney), turned so that it is at
    /// least a half: 0.5 is a coin, 1 is certainty.
    /// </summary>
    public double Auc { get; } = Area(hidden, absent) is var area && area < 0.5 ? 1 - area : area;

    public string Table() => string.Create(CultureInfo.InvariantCulture, $"""
        | refusals | pairs | AUC | median us, hidden | median us, absent | p90 us, hidden | p90 us, absent | seed |
        |---|---:|---:|---:|---:|---:|---:|---:|
        | of one connection, in turns | {hidden.Length} | {Auc:0.000} | {At(hidden, 0.5):0.0} | {At(absent, 0.5):0.0} | {At(hidden, 0.9):0.0} | {At(absent, 0.9):0.0} | {seed} |

        """);

    private static double Area(double[] more, double[] less)
    {
        var all = more.Select(static time => (Time: time, IsMore: true)).Concat(less.Select(static time => (Time: time, IsMore: false))).OrderBy(static one => one.Time).ToArray();
        var ranks = 0.0;
        for (var at = 0; at < all.Length;)
        {
            // Equal times share the middle of their ranks.
            var until = at;
            while (until < all.Length && all[until].Time == all[at].Time)
            {
                until++;
            }

            ranks += ((at + until + 1) / 2.0) * all[at..until].Count(static one => one.IsMore);
            at = until;
        }

        return (ranks - ((double)more.Length * (more.Length + 1) / 2)) / ((double)more.Length * less.Length);
    }

    private static double At(double[] times, double share) => times.Order().ElementAt((int)(times.Length * share));
}
