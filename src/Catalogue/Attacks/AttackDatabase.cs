using System.Collections.Frozen;
using System.Text.Json;

namespace Callgate.Catalogue.Attacks;

/// <summary>
/// The attack database, read whole and held against itself. Pure: files, scenarios and the compiler of policies arrive as
/// arguments.
/// </summary>
public sealed class AttackDatabase
{
    private readonly FrozenDictionary<string, AttackEntry> bySlug;
    private readonly FrozenDictionary<string, AttackEntry> byId;
    private readonly FrozenDictionary<string, AttackCase> caseById;

    private AttackDatabase(AttackTerms terms, IReadOnlyList<AttackCase> cases, IReadOnlyList<AttackEntry> entries, IReadOnlyList<string> faults)
    {
        (Terms, Cases, Entries, Faults) = (terms, cases, entries, faults);
        bySlug = First(entries.SelectMany(static entry => entry.AlsoKnownAs.Prepend(entry.Slug).Select(slug => (slug, entry))));
        byId = First(entries.Select(static entry => (entry.Id, entry)));
        caseById = First(cases.Select(static one => (one.Id, one)));
    }

    /// <summary>The words that entries are made of.</summary>
    public AttackTerms Terms { get; }

    /// <summary>The public cases, in the order of the register.</summary>
    public IReadOnlyList<AttackCase> Cases { get; }

    /// <summary>All attacks, by id.</summary>
    public IReadOnlyList<AttackEntry> Entries { get; }

    /// <summary>Everything that is wrong; a database with a fault is not used.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Reads and checks all of it.</summary>
    /// <param name="terms">What <c>attacks/terms.yaml</c> says.</param>
    /// <param name="cases">What <c>attacks/cases.yaml</c> says.</param>
    /// <param name="entries">The entries, each with the name of its file without the ending.</param>
    /// <param name="policyFault">Why a document is no policy; null when it is one.</param>
    /// <param name="scenarios">The ids of all scenarios there are; null where they are not at hand, and then only their naming is asked for.</param>
    public static AttackDatabase Read(
        JsonElement terms, JsonElement cases, IEnumerable<(string File, JsonElement Value)> entries, Func<JsonElement, string?> policyFault, IReadOnlySet<string>? scenarios = null)
    {
        var faults = new List<string>();
        var known = AttackTerms.Read(terms, faults);
        var register = AttackTerms.ReadCases(cases, faults);
        var read = entries.Select(entry => (entry.File, Entry: AttackReading.Read(entry.Value, entry.File, known, policyFault, faults))).ToList();
        foreach (var (file, entry) in read)
        {
            Check(file, entry, read, register, scenarios, faults);
        }

        faults.AddRange(TwiceOf(read));
        return new AttackDatabase(known, register, [.. read.Select(static one => one.Entry).OrderBy(static entry => entry.Id, StringComparer.Ordinal)], faults);
    }

    /// <summary>The attack of a slug, its own or one that others know it by; null where there is none.</summary>
    /// <param name="slug">From an address: any text.</param>
    public AttackEntry? Find(string slug) => bySlug.GetValueOrDefault(slug);

    /// <summary>The attack of an id.</summary>
    /// <param name="id">Such as <c>A01</c>.</param>
    public AttackEntry? FindById(string id) => byId.GetValueOrDefault(id);

    /// <summary>A case of the register.</summary>
    /// <param name="id">Such as <c>K01</c>.</param>
    public AttackCase? FindCase(string id) => caseById.GetValueOrDefault(id);

    /// <summary>The attacks that are about tools such as this one, those that are not stopped first.</summary>
    /// <param name="category">Null while it is not classified.</param>
    /// <param name="signals">Its risk signals.</param>
    public IReadOnlyList<AttackEntry> Against(RiskCategory? category, IReadOnlyList<RiskSignal> signals) =>
        [.. Entries.Where(entry => entry.AppliesTo.Names(category, signals)).OrderByDescending(static entry => entry.Stops).ThenBy(static entry => entry.Status).ThenBy(static entry => entry.Id, StringComparer.Ordinal)];

    private static void Check(
        string file, AttackEntry entry, List<(string File, AttackEntry Entry)> all, IReadOnlyList<AttackCase> register, IReadOnlySet<string>? scenarios, List<string> faults)
    {
        if (file != entry.Id)
        {
            faults.Add($"{file}: its id is `{entry.Id}`, and its file is named otherwise");
        }

        foreach (var unknown in entry.Cases.Where(id => !register.Any(one => one.Id == id)))
        {
            faults.Add($"{file}: there is no case `{unknown}`");
        }

        foreach (var unknown in entry.Related.Where(id => id == entry.Id || !all.Any(one => one.Entry.Id == id)))
        {
            faults.Add($"{file}: there is no other attack `{unknown}`");
        }

        if (scenarios is not null && !scenarios.Contains(entry.Scenario))
        {
            faults.Add($"{file}: there is no scenario `{entry.Scenario}`");
        }
    }

    private static IEnumerable<string> TwiceOf(List<(string File, AttackEntry Entry)> all)
    {
        static IEnumerable<string> Twice(IEnumerable<(string File, string Name)> names, string what) => names
            .GroupBy(static one => one.Name, StringComparer.Ordinal)
            .Where(static same => same.Key.Length > 0 && same.Count() > 1)
            .Select(same => $"{string.Join(", ", same.Select(static one => one.File))}: the {what} `{same.Key}` is there more than once");
        return Twice(all.Select(static one => (one.File, one.Entry.Id)), "id")
            .Concat(Twice(all.SelectMany(static one => one.Entry.AlsoKnownAs.Prepend(one.Entry.Slug).Select(slug => (one.File, slug))), "slug"));
    }

    private static FrozenDictionary<string, T> First<T>(IEnumerable<(string Key, T Value)> all) =>
        all.DistinctBy(static one => one.Key, StringComparer.Ordinal).ToFrozenDictionary(static one => one.Key, static one => one.Value, StringComparer.Ordinal);
}
