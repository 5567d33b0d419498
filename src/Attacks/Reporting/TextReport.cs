using System.Globalization;
using System.Text;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;

namespace Callgate.Attacks.Reporting;

/// <summary>The report for a terminal.</summary>
public static class TextReport
{
    /// <summary>One scenario on one line.</summary>
    public static string Line(ScenarioResult result) =>
        $"{result.Scenario.Id}  {Word(result),-30}  {result.Scenario.Title}";

    public static string Of(Report report)
    {
        var text = new StringBuilder();
        foreach (var result in report.Results.Where(static result => !result.IsAsExpected || result.Outcome == Outcome.Breached))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{result.Scenario.Id} {result.Scenario.Title}: {Word(result)}\n");
            foreach (var era in result.Eras.Where(static era => era.Outcome != Outcome.Held))
            {
                text.Append(era.Reason is null ? "" : $"  {era.Era.Version()}: {era.Reason}\n");
                foreach (var finding in era.Findings.Take(result.IsAsExpected ? 1 : 4))
                {
                    text.Append(CultureInfo.InvariantCulture, $"  {finding}\n");
                }
            }
        }

        text.Append("\nPROPERTY\n");
        foreach (var property in report.Properties)
        {
            text.Append(CultureInfo.InvariantCulture, $"{property.Name,-4} {property.Title,-30} {property.Held,3} held{Listed(", breached", property.Breached)}{Listed(", inconclusive", property.Inconclusive)}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n{report.Target}, seed {report.Seed}: {report.Count(Outcome.Held)} held, {report.Count(Outcome.Breached)} breached, {report.Count(Outcome.Inconclusive)} inconclusive of {report.Results.Count}").ToString();
    }

    private static string Word(ScenarioResult result) => result.Outcome switch
    {
        Outcome.Breached when result.IsAsExpected => "breached, as no policy stops it",
        Outcome.Breached => "BREACHED",
        Outcome.Inconclusive => "inconclusive",
        _ when !result.IsAsExpected => "held, which was not expected",
        _ => "held",
    };

    private static string Listed(string word, IReadOnlyList<string> ids) => ids.Count == 0 ? "" : $"{word} {string.Join(' ', ids)}";
}
