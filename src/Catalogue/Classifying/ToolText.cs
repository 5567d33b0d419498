using System.Collections.Immutable;
using System.Text.Json;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// What is read of a definition, taken apart once and within bounds: a server may send a megabyte, and the work must not
/// grow with it. What is beyond a bound is not read, and the evidence says so.
/// </summary>
internal sealed class ToolText
{
    public const int MostName = 160;
    public const int MostDescription = 2_048;
    private const int MostMembers = 256;

    private ToolText(string name, string title, string description, string server)
    {
        Name = name;
        Title = title;
        Description = description;
        Server = server;
        NameWords = Words.OfName(name);
        TitleWords = title.Length == 0 ? Words.None : Words.OfName(title);
        DescriptionWords = description.Length == 0 ? Words.None : Words.OfProse(description);
        ServerWords = server.Length == 0 ? Words.None : Words.OfName(server);
    }

    public string Name { get; }

    public string Title { get; }

    public string Description { get; }

    public string Server { get; }

    public Words NameWords { get; }

    public Words TitleWords { get; }

    public Words DescriptionWords { get; }

    public Words ServerWords { get; }

    public SchemaText Schema { get; private init; } = SchemaText.None;

    public bool IsReadOnlyDenied { get; private init; }

    public bool IsDestructiveHinted { get; private init; }

    public bool IsOpenWorld { get; private init; }

    /// <summary>What was too long to be read whole.</summary>
    public ImmutableArray<ClassificationEvidence> Cuts { get; private init; } = [];

    /// <summary>Reads a definition; anything that is no object has no name and no text.</summary>
    public static ToolText Of(JsonElement definition, string? server)
    {
        JsonElement name = default, title = default, description = default, schema = default, annotations = default;
        var cuts = ImmutableArray.CreateBuilder<ClassificationEvidence>();
        foreach (var member in new Members(definition, MostMembers))
        {
            switch (BoundedText.NameOf(member, 32))
            {
                case "name": name = member.Value; break;
                case "title": title = member.Value; break;
                case "description": description = member.Value; break;
                case "inputSchema": schema = member.Value; break;
                case "annotations": annotations = member.Value; break;
                default: break;
            }
        }

        bool? readOnly = null, destructive = null, openWorld = null;
        foreach (var member in new Members(annotations, MostMembers))
        {
            switch (BoundedText.NameOf(member, 32))
            {
                case "readOnlyHint": readOnly = Flag(member.Value); break;
                case "destructiveHint": destructive = Flag(member.Value); break;
                case "openWorldHint": openWorld = Flag(member.Value); break;
                case "title" when title.ValueKind != JsonValueKind.String: title = member.Value; break;
                default: break;
            }
        }

        var nameText = Cut(name, "name", MostName, cuts);
        var titleText = Cut(title, "title", MostName, cuts);
        var descriptionText = Cut(description, "description", MostDescription, cuts);
        var shape = SchemaText.Of(schema, cuts);
        return new ToolText(nameText, titleText, descriptionText, server is null ? "" : server.Length > MostName ? server[..MostName] : server)
        {
            Schema = shape,
            IsReadOnlyDenied = readOnly == false,
            IsDestructiveHinted = destructive == true,
            IsOpenWorld = openWorld == true,
            Cuts = cuts.ToImmutable(),
        };
    }

    private static string Cut(JsonElement value, string place, int most, ImmutableArray<ClassificationEvidence>.Builder cuts)
    {
        var text = BoundedText.Of(value, most, out var isCut);
        if (isCut)
        {
            cuts.Add(new ClassificationEvidence(Quotation.Of(text, 0, Math.Min(text.Length, 24)), $"{place}:0-{text.Length}", "only so much of it was read"));
        }

        return text;
    }

    private static bool? Flag(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
