using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Gateway.Approvals;

/// <summary>
/// Differences between definitions on a terminal or a page. A server wrote them, perhaps to be misread: what could hide, turn or move
/// text is written as an escape.
/// </summary>
public static class DefinitionText
{
    /// <summary>Of a text that stays the same, what is shown around what does not.</summary>
    private const int Context = 40;

    private const int Longest = 4_000;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    /// <summary>What a line ends with that is not all there is.</summary>
    private const string More = " more characters; read them with --json)";

    /// <summary>
    /// Whether these lines are all of it. A text that ends as if there were more counts as cut, which only makes somebody read
    /// it elsewhere.
    /// </summary>
    public static bool IsWhole(IEnumerable<string> lines) => !lines.Any(static line => line.EndsWith(More, StringComparison.Ordinal));

    /// <summary>A name on one line.</summary>
    public static string Line(string text) => Shown.Line(text);

    /// <summary>One line for what came or went, three for what changed: the place, the old and the new.</summary>
    public static IEnumerable<string> Lines(DefinitionChange change)
    {
        var place = change.Place.Length == 0 ? "(the whole)" : Line(change.Place);
        if (change.Before is not { } before)
        {
            return [$"+ {place}: {Text(change.After!.Value)}"];
        }

        if (change.After is not { } after)
        {
            return [$"- {place}: {Text(before)}"];
        }

        var (old, young) = before.ValueKind == JsonValueKind.String && after.ValueKind == JsonValueKind.String
            ? Narrowed(before.GetString()!, after.GetString()!)
            : (Text(before), Text(after));
        return [$"~ {place}:", $"    old: {old}", $"    new: {young}"];
    }

    private static (string Old, string New) Narrowed(string old, string young)
    {
        var shorter = Math.Min(old.Length, young.Length);
        var head = 0;
        while (head < shorter && old[head] == young[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < shorter - head && old[^(tail + 1)] == young[^(tail + 1)])
        {
            tail++;
        }

        var (from, rest) = (Math.Max(0, head - Context), Math.Max(0, tail - Context));
        return (Cut(old, from, rest), Cut(young, from, rest));
    }

    private static string Cut(string text, int from, int rest)
    {
        // No character is cut in two, which would show it as another.
        from -= from > 0 && char.IsLowSurrogate(text[from]) ? 1 : 0;
        rest -= rest > 0 && char.IsLowSurrogate(text[^rest]) ? 1 : 0;
        return (from > 0 ? "…" : "") + Bounded(JsonSerializer.Serialize(text[from..^rest], Relaxed)) + (rest > 0 ? "…" : "");
    }

    private static string Text(JsonElement value) => Bounded(JsonSerializer.Serialize(value, Relaxed));

    private static string Bounded(string json)
    {
        var shown = Line(json);
        return shown.Length <= Longest ? shown
            : string.Create(CultureInfo.InvariantCulture, $"{shown.AsSpan(0, Longest)}… ({shown.Length - Longest:N0}{More}");
    }
}
