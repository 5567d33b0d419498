using Callgate.Catalogue.Attacks;

namespace Callgate.Gateway.Catalogue;

/// <summary>What a list of attacks is narrowed to. What is null narrows nothing.</summary>
/// <param name="Category">A key of <see cref="AttackTerms.Categories"/>.</param>
/// <param name="Property">Such as <c>S4</c>.</param>
/// <param name="Capabilities">Attacks that are made on one of these.</param>
public sealed record AttackQuery(string? Category, string? Property, AttackActor? Actor, AttackStop? Stops, IReadOnlyList<string> Capabilities)
{
    public static AttackQuery All { get; } = new(null, null, null, null, []);

    public IEnumerable<AttackEntry> Of(AttackDatabase database) => database.Entries.Where(entry =>
        (Category is null || entry.Category == Category)
        && (Property is null || entry.Properties.Contains(Property, StringComparer.Ordinal))
        && (Actor is null || entry.Actor == Actor)
        && (Stops is null || entry.Stops == Stops)
        && (Capabilities.Count == 0 || entry.AppliesTo.Capabilities.Intersect(Capabilities, StringComparer.Ordinal).Any()));
}
