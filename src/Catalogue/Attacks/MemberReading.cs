using System.Text.Json;

namespace Callgate.Catalogue.Attacks;

/// <summary>
/// The members of one object of the attack database. What is missing, of another type, repeated in a list or not known is a
/// fault; all are collected.
/// </summary>
internal sealed class MemberReading
{
    private const int LongestText = 4_000;

    private readonly JsonElement value;
    private readonly string place;
    private readonly List<string> faults;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public MemberReading(JsonElement value, string place, List<string> faults)
    {
        (this.value, this.place, this.faults) = (value, place, faults);
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault("is no object");
        }
    }

    public void Fault(string says) => faults.Add($"{place}: {says}");

    /// <summary>A text that has to be there.</summary>
    public string Text(string name)
    {
        if (Member(name) is not { } found)
        {
            Fault($"`{name}` is missing");
            return "";
        }

        return TextOf(name, found);
    }

    /// <summary>A text; null where it is not there.</summary>
    public string? Optional(string name) => Member(name) is { } found ? TextOf(name, found) : null;

    /// <summary>A list of texts, each once; empty where it is not there.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Member(name) is not { } found)
        {
            return [];
        }

        if (found.ValueKind != JsonValueKind.Array)
        {
            Fault($"`{name}` is no list");
            return [];
        }

        var texts = found.EnumerateArray().Select(item => TextOf(name, item)).ToList();
        foreach (var twice in texts.GroupBy(static text => text, StringComparer.Ordinal).Where(static same => same.Count() > 1))
        {
            Fault($"`{name}` names `{twice.Key}` twice");
        }

        return texts;
    }

    /// <summary>A list of texts that has to have something in it.</summary>
    public IReadOnlyList<string> SomeTexts(string name)
    {
        var texts = Texts(name);
        if (texts.Count == 0)
        {
            Fault($"`{name}` is missing or empty");
        }

        return texts;
    }

    /// <summary>Any value; null where it is not there.</summary>
    public JsonElement? Member(string name)
    {
        known.Add(name);
        return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var found) ? found : null;
    }

    /// <summary>The members of an object that has to be there, with their names.</summary>
    public IEnumerable<JsonProperty> Members(string name)
    {
        if (Member(name) is { ValueKind: JsonValueKind.Object } found)
        {
            return found.EnumerateObject();
        }

        Fault($"`{name}` is missing, or no object");
        return [];
    }

    /// <summary>Members that nobody asked for are faults.</summary>
    public void Close()
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject().Where(member => !known.Contains(member.Name)))
            {
                Fault($"there is no member `{member.Name}`");
            }
        }
    }

    private string TextOf(string name, JsonElement found)
    {
        if (found.ValueKind != JsonValueKind.String || found.GetString()!.Trim() is not { Length: > 0 } text)
        {
            Fault($"`{name}` is no text, or empty");
            return "";
        }

        if (text.Length > LongestText)
        {
            Fault($"`{name}` is longer than {LongestText} characters");
        }

        return text;
    }
}
