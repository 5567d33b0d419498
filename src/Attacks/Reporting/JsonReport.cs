using System.Text.Json;

namespace Callgate.Attacks.Reporting;

/// <summary>The report for programs.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Of(Report report) => JsonSerializer.Serialize(
        new
        {
            report.Target,
            report.Seed,
            AsExpected = report.IsAsExpected,
            report.Properties,
            Scenarios = report.Results.Select(static result => new
            {
                result.Scenario.Id,
                result.Scenario.Title,
                result.Scenario.Properties,
                Outcome = Word(result.Outcome.ToString()),
                Expected = Word(result.Scenario.Expected.ToString()),
                Eras = result.Eras.Select(static era => new { Version = era.Era.Version(), Outcome = Word(era.Outcome.ToString()), era.Reason, era.Findings }),
            }),
        },
        Form);

    private static string Word(string name) => name.ToLowerInvariant();
}
