using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Records as a table (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe before it: names of
/// tools and arguments come from whoever calls.
/// </summary>
internal static class AuditCsv
{
    private const string FormulaBegins = "=+-@\t\r\n＝＋－＠";

    private static readonly string[] Columns =
    [
        "seq", "id", "time", "grant", "identity", "server", "method", "tool", "decision", "code", "rule", "policy", "revision", "outcome",
        "upstream_status", "duration_ms", "argument_names", "arguments_digest", "client", "request_id", "shadow", "approval", "charges",
    ];

    public static string Titles { get; } = string.Join(',', Columns) + "\n";

    public static string Line(JsonElement record) => string.Join(',', Columns.Select(column => Cell(record, column)));

    private static string Cell(JsonElement record, string column)
    {
        if (!record.TryGetProperty(column, out var value))
        {
            return "";
        }

        return value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => Text(value.GetString()!),
            JsonValueKind.Array when value.GetArrayLength() == 0 => "",
            JsonValueKind.Array when value[0].ValueKind == JsonValueKind.String => Text(string.Join(' ', value.EnumerateArray().Select(static item => item.GetString()))),
            JsonValueKind.Array => Text(value.GetRawText()),
            _ => value.ToString(),
        };
    }

    /// <summary>What moves a cursor or hides a text is shown as a dot.</summary>
    private static string Text(string text)
    {
        var cell = new StringBuilder(text.Length + 2);
        if (text.Length > 0 && FormulaBegins.Contains(text[0], StringComparison.Ordinal))
        {
            cell.Append('\'');
        }

        foreach (var c in text)
        {
            cell.Append(char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format ? '.' : c);
        }

        return text.AsSpan().ContainsAny(",\"'; ") ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell.ToString();
    }
}
