using System.Globalization;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary>Prints one answer: JSON for scripts, or short aligned text for people.</summary>
internal sealed class Printer(TextWriter output, bool json)
{
    private const int MaxColumn = 60;

    public bool Json => json;

    /// <summary>The answer as JSON, or what <paramref name="text"/> makes of it.</summary>
    public int Answer(JsonElement answer, Action<JsonElement> text)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(answer));
        }
        else
        {
            text(answer);
        }

        return ExitCode.Fine;
    }

    public void Line(string text) => output.WriteLine(text);

    public void Table(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<string>> rows, string whenEmpty)
    {
        var lines = rows.Select(static row => row.Select(Cell).ToList()).ToList();
        if (lines.Count == 0)
        {
            output.WriteLine(whenEmpty);
            return;
        }

        var widths = titles.Select((title, i) => Math.Max(title.Length, lines.Max(line => line[i].Length))).ToList();
        foreach (var line in lines.Prepend([.. titles]))
        {
            output.WriteLine(string.Join("  ", line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>Text of servers and clients reaches a terminal: what is not printable is shown as a dot, what is long is cut.</summary>
    public static string Cell(string text)
    {
        var plain = Plain(text);
        return plain.Length > MaxColumn ? plain[..(MaxColumn - 1)] + "…" : plain;
    }

    /// <summary>The same uncut, on one line.</summary>
    public static string Plain(string text) => string.Concat(text.Select(static c => IsPlain(c) ? c : '.'));

    /// <summary>A member as text; <c>-</c> for null and what is not there.</summary>
    public static string Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return "-";
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            JsonValueKind.Array => value.GetArrayLength() == 0 ? "-" : string.Join(", ", value.EnumerateArray().Select(static item => item.ToString())),
            JsonValueKind.Object => Pairs(value),
            _ => value.ToString(),
        };
    }

    private static bool IsPlain(char c) => !char.IsControl(c) && !char.IsSurrogate(c)
        && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string Pairs(JsonElement value)
    {
        var pairs = value.EnumerateObject().Select(static member => $"{member.Name}={(member.Value.ValueKind == JsonValueKind.Null ? "(no policy)" : member.Value.ToString())}").ToList();
        return pairs.Count == 0 ? "-" : string.Join(", ", pairs);
    }
}
