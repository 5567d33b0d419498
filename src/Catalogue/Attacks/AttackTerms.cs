using System.Text.Json;

namespace Callgate.Catalogue.Attacks;

/// <summary>A word that entries use by its id.</summary>
/// <param name="Id">As entries write it.</param>
/// <param name="Name">For people.</param>
/// <param name="Says">A sentence; empty where the name is enough.</param>
public sealed record AttackTerm(string Id, string Name, string Says);

/// <summary>A public list of techniques or weaknesses.</summary>
/// <param name="Name">With its version.</param>
/// <param name="Link">Where it is found.</param>
/// <param name="Ids">Those that entries may name.</param>
public sealed record AttackFramework(string Name, string Link, IReadOnlyList<AttackTerm> Ids);

/// <summary>Something that happened, or was shown, in public.</summary>
/// <param name="Id">As entries write it.</param>
/// <param name="Name">What, in a sentence.</param>
/// <param name="Date">A year, a month or a day, as exactly as it is known.</param>
/// <param name="Links">Where it is told.</param>
public sealed record AttackCase(string Id, string Name, string Date, IReadOnlyList<string> Links);

/// <summary>The words that entries are made of: <c>attacks/terms.yaml</c>.</summary>
public sealed class AttackTerms
{
    private AttackTerms(
        IReadOnlyList<AttackTerm> categories, IReadOnlyList<AttackTerm> properties, IReadOnlyList<AttackTerm> guards, IReadOnlyList<AttackTerm> limits, IReadOnlyList<AttackFramework> frameworks)
    {
        (Categories, Properties, Guards, Limits, Frameworks) = (categories, properties, guards, limits, frameworks);
    }

    /// <summary>What kinds of attacks there are, in the order of the page.</summary>
    public IReadOnlyList<AttackTerm> Categories { get; }

    /// <summary>What the gate promises.</summary>
    public IReadOnlyList<AttackTerm> Properties { get; }

    /// <summary>What is always on.</summary>
    public IReadOnlyList<AttackTerm> Guards { get; }

    /// <summary>What no gateway can stop.</summary>
    public IReadOnlyList<AttackTerm> Limits { get; }

    /// <summary>Public lists that entries are mapped to.</summary>
    public IReadOnlyList<AttackFramework> Frameworks { get; }

    /// <summary>The framework of an id, and what it calls it; null for an id that none of them has.</summary>
    /// <param name="id">Such as <c>MCP03</c>.</param>
    public (AttackFramework Framework, AttackTerm Term)? Find(string id)
    {
        foreach (var framework in Frameworks)
        {
            if (framework.Ids.FirstOrDefault(term => term.Id == id) is { } found)
            {
                return (framework, found);
            }
        }

        return null;
    }

    internal static AttackTerms Read(JsonElement value, List<string> faults)
    {
        var reading = new MemberReading(value, "terms", faults);
        var terms = new AttackTerms(
            Terms(reading, "categories", faults), Terms(reading, "properties", faults), Terms(reading, "guards", faults), Terms(reading, "limits", faults),
            [.. (reading.Member("frameworks") is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : default).Select(framework => Framework(framework, faults))]);
        reading.Close();
        if (terms.Frameworks.Count == 0)
        {
            reading.Fault("`frameworks` is missing or empty");
        }

        return terms;
    }

    internal static IReadOnlyList<AttackCase> ReadCases(JsonElement value, List<string> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            faults.Add("cases: is no object");
            return [];
        }

        return [.. value.EnumerateObject().Select(member => Case(member, faults))];
    }

    private static List<AttackTerm> Terms(MemberReading reading, string name, List<string> faults)
    {
        var terms = new List<AttackTerm>();
        foreach (var member in reading.Members(name))
        {
            var one = new MemberReading(member.Value, $"terms: {member.Name}", faults);
            terms.Add(new AttackTerm(member.Name, one.Text("name"), one.Text("says")));
            one.Close();
        }

        return terms;
    }

    private static AttackFramework Framework(JsonElement value, List<string> faults)
    {
        var reading = new MemberReading(value, "terms: frameworks", faults);
        var (name, link) = (reading.Text("name"), reading.Text("link"));
        var ids = reading.Members("ids").Select(static member => new AttackTerm(member.Name, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "", "")).ToList();
        reading.Close();
        Linked(reading, link);
        foreach (var nameless in ids.Where(static term => term.Name.Length == 0))
        {
            reading.Fault($"`{nameless.Id}` has no name");
        }

        return new AttackFramework(name, link, ids);
    }

    private static AttackCase Case(JsonProperty member, List<string> faults)
    {
        var reading = new MemberReading(member.Value, $"cases: {member.Name}", faults);
        var one = new AttackCase(member.Name, reading.Text("name"), reading.Text("date"), reading.SomeTexts("links"));
        reading.Close();
        if (!IsDate(one.Date))
        {
            reading.Fault($"`{one.Date}` is no date; write a year, a month or a day such as 2026-02-16");
        }

        foreach (var link in one.Links)
        {
            Linked(reading, link);
        }

        return one;
    }

    private static void Linked(MemberReading reading, string link)
    {
        if (!Uri.TryCreate(link, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
        {
            reading.Fault($"`{link}` is no https address");
        }
    }

    private static bool IsDate(string date) =>
        date.Length is 4 or 7 or 10 && DateOnly.TryParseExact(
            date, date.Length switch { 4 => "yyyy", 7 => "yyyy-MM", _ => "yyyy-MM-dd" }, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _);
}
