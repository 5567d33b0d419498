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
