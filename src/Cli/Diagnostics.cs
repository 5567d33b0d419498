using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary>Findings about a policy document as lines that editors can jump to.</summary>
internal static class Diagnostics
{
    /// <summary>From the API's spelling.</summary>
    public static string Line(JsonElement finding)
    {
        if (finding.ValueKind != JsonValueKind.Object || !finding.TryGetProperty("line", out var line))
        {
            return finding.ToString();
        }

        var suggestion = finding.GetProperty("suggestion").GetString();
        return $"{line.GetInt32()}:{finding.GetProperty("column").GetInt32()}: {finding.GetProperty("message").GetString()}{Advice(suggestion)}";
    }

    /// <summary>Of a file that was read here.</summary>
    public static string Line(PolicyDiagnostic finding) => $"{finding.Line}:{finding.Column}: {finding.Message}{Advice(finding.Suggestion)}";

    public static string Advice(string? suggestion) => suggestion is null ? string.Empty : $"; {suggestion}";
}
