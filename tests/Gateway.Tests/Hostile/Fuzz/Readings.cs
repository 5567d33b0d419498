using System.Globalization;
using System.Text.Json;
using Callgate.Fixtures;

namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>What naive readers make of a message: the oracle beside the gate, written without a look at it.</summary>
internal static class Readings
{
    private static readonly string[] Deciding = ["jsonrpc", "id", "method", "params", "name", "arguments"];

    /// <summary>What each message of a body asks for: its method, and its params but for <c>_meta</c>, member by member. None where nothing can be read.</summary>
    public static IEnumerable<string> Asked(byte[] body)
    {
        var root = Lenient.TryParse(body);
        var messages = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root];
        return messages.Select(AskedBy).OfType<string>();
    }

    public static string? AskedBy(JsonElement message)
    {
        try
        {
            var parameters = message.Member("params");
            var members = parameters.ValueKind == JsonValueKind.Object
                ? string.Concat(parameters.EnumerateObject().Where(static member => member.Name != "_meta").Select(static member => $"{member.Name}={NaiveJson.Of(member.Value)};"))
                : "";
            return message.Text("method") is { } method ? $"{method} {members}" : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no string, so nobody can have been asked for it.
            return null;
        }
    }

    /// <summary>
    /// Whether a call of <c>echo</c> has a <c>v</c> that is no number of at most 500, by a reading of decimal digits that knows no
    /// floating point.
    /// </summary>
    public static bool BreaksTheRule(JsonElement message)
    {
        if (message.Text("method") != "tools/call" || message.Member("params").Text("name") != "echo" || !message.Member("params").Member("arguments").Has("v"))
        {
            return false;
        }

        var value = message.Member("params").Member("arguments").Member("v");
        return value.ValueKind != JsonValueKind.Number || IsAbove500(value.GetRawText());
    }

    private static bool IsAbove500(string number)
    {
        var parts = number.TrimStart('-').ToLowerInvariant().Split('e');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        var exponent = (parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0) - (point < 0 ? 0 : parts[0].Length - point - 1);
        var plain = digits.TrimStart('0');
        if (number[0] == '-' || plain.Length == 0 || plain.Length + exponent < 3)
        {
            return false;
        }

        if (plain.Length + exponent > 3)
        {
            return true;
        }

        // Three digits before the point: what comes after them counts only when they are exactly 500.
        var whole = plain.PadRight(3, '0');
        return string.CompareOrdinal(whole[..3], "500") > 0 || (whole[..3] == "500" && whole[3..].Trim('0').Length > 0);
    }

    /// <summary>The name of a member of the message or its params that some reader takes for another than it is written as; null when there is none.</summary>
    public static string? Misleading(JsonElement message)
    {
        foreach (var holder in new[] { message, message.Member("params") }.Where(static holder => holder.ValueKind == JsonValueKind.Object))
        {
            var names = holder.EnumerateObject().Select(static member => member.Name).ToList();
            var odd = names.Find(static name => !Deciding.Contains(name, StringComparer.Ordinal) && Deciding.Contains(Seen(name), StringComparer.Ordinal))
                ?? names.GroupBy(static name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(static group => group.Count() > 1 && Deciding.Contains(group.Key, StringComparer.OrdinalIgnoreCase))?.Key;
            if (odd is not null)
            {
                return odd;
            }
        }

        return null;
    }

    /// <summary>The name as a reader sees it that skips what shows as nothing and knows no cases.</summary>
    private static string Seen(string name) =>
        new string([.. name.Where(static letter => letter > ' ' && letter is not ('\u115f' or '\u1160' or '\u2800' or '\u3164' or '\uffa0')
            && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator))])
            .ToUpperInvariant().ToLowerInvariant();
}
