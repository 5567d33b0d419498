using System.Globalization;
using System.Text;

namespace Callgate.Mutation;

/// <summary>The score, as Stryker counts it: what was killed of what compiles and is not left out, a folder and in all.</summary>
internal sealed class Summary(IReadOnlyList<Mutant> mutants, IReadOnlyList<Result> results)
{
    private readonly Dictionary<int, Mutant> byId = mutants.ToDictionary(static mutant => mutant.Id);

    /// <summary>Of a hundred; nothing tried is nothing killed.</summary>
    public double Score => ScoreOf(results);

    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{results.Count(static result => Result.IsKill(result.Outcome))} of {results.Count} mutants killed, {Score:0.0} %");

    public string Text()
    {
        var text = new StringBuilder();
        text.AppendLine("| folder | mutants | killed | endless | crashed | survived | not covered | score |").AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var folder in results.GroupBy(result => byId[result.Mutant].Folder).OrderBy(static folder => folder.Key, StringComparer.Ordinal))
        {
            Row(text, folder.Key, [.. folder]);
        }

        Row(text, "all", results);
        text.AppendLine().AppendLine("| left out | mutants |").AppendLine("|---|---:|");
        foreach (var reason in mutants.Where(static mutant => mutant.LeftOut is not null).GroupBy(static mutant => mutant.LeftOut!).OrderBy(static reason => reason.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {reason.Key} | {reason.Count()} |");
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, IReadOnlyCollection<Result> of)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {name} | {of.Count} |");
        foreach (var outcome in Enum.GetValues<Outcome>())
        {
            text.Append(CultureInfo.InvariantCulture, $" {of.Count(result => result.Outcome == outcome)} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $" {ScoreOf(of):0.0} % |");
    }

    private static double ScoreOf(IReadOnlyCollection<Result> of) =>
        of.Count == 0 ? 0 : 100.0 * of.Count(static result => Result.IsKill(result.Outcome)) / of.Count;
}
