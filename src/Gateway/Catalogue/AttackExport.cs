using System.Text.Json;
using Callgate.Catalogue.Attacks;

namespace Callgate.Gateway.Catalogue;

/// <summary>The database as one JSON document, for other programs. It is made once.</summary>
public static class AttackExport
{
    private static readonly Lazy<byte[]> Whole = new(static () => Write(AttackPack.Database));

    public static byte[] Json => Whole.Value;

    private static byte[] Write(AttackDatabase database)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            Terms(writer, "categories", database.Terms.Categories);
            Terms(writer, "properties", database.Terms.Properties);
            Terms(writer, "guards", database.Terms.Guards);
            Terms(writer, "limits", database.Terms.Limits);
            writer.WriteStartArray("attacks");
            foreach (var entry in database.Entries)
            {
                Entry(writer, entry, database);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Terms(Utf8JsonWriter writer, string name, IReadOnlyList<AttackTerm> terms)
    {
        writer.WriteStartObject(name);
        foreach (var term in terms)
        {
            writer.WriteStartObject(term.Id);
            writer.WriteString("name", term.Name);
            writer.WriteString("says", term.Says);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Entry(Utf8JsonWriter writer, AttackEntry entry, AttackDatabase database)
    {
        writer.WriteStartObject();
        writer.WriteString("id", entry.Id);
        writer.WriteString("slug", entry.Slug);
        Texts(writer, "also_known_as", entry.AlsoKnownAs);
        writer.WriteString("title", entry.Title);
        writer.WriteString("category", entry.Category);
        writer.WriteString("actor", AttackWords.Of(entry.Actor));
        writer.WriteString("status", AttackWords.Of(entry.Status));
        writer.WriteString("stops", AttackWords.Of(entry.Stops));
        writer.WriteString("summary", entry.Summary);
        Texts(writer, "preconditions", entry.Preconditions);
        Texts(writer, "steps", entry.Steps);
        writer.WriteString("wire", entry.Wire);
        Texts(writer, "capabilities", entry.AppliesTo.Capabilities);
        Texts(writer, "taxonomy", entry.Taxonomy);
        Texts(writer, "properties", entry.Properties);
        Texts(writer, "guards", entry.Guards);
        writer.WriteStartArray("cases");
        foreach (var one in entry.Cases.Select(database.FindCase).OfType<AttackCase>())
        {
            writer.WriteStartObject();
            writer.WriteString("id", one.Id);
            writer.WriteString("name", one.Name);
            writer.WriteString("date", one.Date);
            Texts(writer, "links", one.Links);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (entry.Policy.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName("policy");
            entry.Policy.WriteTo(writer);
        }

        Texts(writer, "stopped_when", entry.StoppedWhen.Select(static remedy => remedy.ToString().ToLowerInvariant()));
        writer.WriteString("what_stops_it", entry.WhatStopsIt);
        writer.WriteString("does_not_stop", entry.DoesNotStop);
        writer.WriteString("limit", entry.Limit);
        writer.WriteString("scenario", entry.Scenario);
        Texts(writer, "related", entry.Related);
        writer.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
