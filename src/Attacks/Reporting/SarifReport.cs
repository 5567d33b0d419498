using System.Text.Json;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;

namespace Callgate.Attacks.Reporting;

/// <summary>The findings as SARIF 2.1.0: a rule for each scenario, a result for each that did not hold.</summary>
public static class SarifReport
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Of(Report report)
    {
        var document = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new[]
            {
                new
                {
                    Tool = new { Driver = new { Name = "callgate attack", Rules = report.Results.Select(static result => new { result.Scenario.Id, ShortDescription = new { Text = result.Scenario.Title }, Properties = new { Tags = result.Scenario.Properties } }) } },
                    Results = report.Results.Where(static result => result.Outcome != Outcome.Held || !result.IsAsExpected).Select(static result => new
                    {
                        RuleId = result.Scenario.Id,
                        Kind = result.Outcome == Outcome.Inconclusive ? "open" : "fail",
                        Level = result.Outcome == Outcome.Inconclusive ? "none" : result.IsAsExpected ? "note" : "error",
                        Message = new { Text = Text(result) },
                        Locations = new[] { new { LogicalLocations = new[] { new { FullyQualifiedName = string.Join(' ', result.Scenario.Properties) } } } },
                    }),
                },
            },
        };
        return JsonSerializer.Serialize(document, Form);
    }

    private static string Text(ScenarioResult result)
    {
        var worst = result.Eras.FirstOrDefault(static era => era.Findings.Count > 0);
        var reason = worst?.Reason ?? result.Eras.Select(static era => era.Reason).FirstOrDefault(static one => one is not null);
        return $"{result.Scenario.Title}: {worst?.Findings[0].ToString() ?? reason ?? "held, which was not expected"}";
    }
}
