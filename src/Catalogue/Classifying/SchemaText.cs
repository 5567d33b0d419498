using System.Collections.Immutable;
using System.Text.Json;

namespace Callgate.Catalogue.Classifying;

/// <summary>An argument a schema declares.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Words">The parts of the name.</param>
/// <param name="Path">Where it is declared, from the definition's root.</param>
/// <param name="Description">The beginning of its description.</param>
/// <param name="IsText">Whether text is accepted.</param>
/// <param name="IsList">Whether a list is accepted.</param>
/// <param name="IsBound">Whether a pattern, an enumeration, a constant or a format narrows the text.</param>
/// <param name="Choices">The texts of its enumeration.</param>
/// <param name="IsTop">Whether it is an argument of the tool, and no member of one.</param>
internal sealed record Argument(
    string Name, Words Words, string Path, string Description, bool IsText, bool IsList, bool IsBound, ImmutableArray<string> Choices, bool IsTop)
{
    /// <summary>The last part of the name, which says what it is: the path of <c>notebook_path</c>.</summary>
    public string Head => Words.All.Length == 0 ? "" : Words.All[^1].Text;
}

/// <summary>The arguments of an input schema, read within bounds. References are followed only within the schema, and only once each.</summary>
internal sealed class SchemaText
{
    private const int MostArguments = 64;
    private const int MostDepth = 4;
    private const int MostChoices = 24;
    private const int MostBranches = 8;
    private const int MostMembers = 40;
    private const int MostName = 64;
    private const int MostDescription = 96;

    private readonly ImmutableArray<Argument>.Builder found = ImmutableArray.CreateBuilder<Argument>();
    private readonly JsonElement root;
    private int budget = 256;

    private SchemaText(JsonElement root) => this.root = root;

    public static SchemaText None { get; } = new(default);

    public ImmutableArray<Argument> Arguments { get; private set; } = [];

    /// <summary>How many arguments the tool itself takes, counted up to the bound.</summary>
    public int Count { get; private set; }

    public static SchemaText Of(JsonElement schema, ImmutableArray<ClassificationEvidence>.Builder cuts)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return None;
        }

        var text = new SchemaText(schema);
        text.Read(schema, "inputSchema", 0);
        text.Arguments = text.found.ToImmutable();
        text.Count = text.Arguments.Count(static argument => argument.IsTop);
        if (text.found.Count >= MostArguments || text.budget <= 0)
        {
            cuts.Add(new ClassificationEvidence($"{text.found.Count}", "inputSchema", "only so many arguments were read"));
        }

        return text;
    }

    private void Read(JsonElement schema, string path, int depth)
    {
        if (depth > MostDepth || budget-- <= 0)
        {
            return;
        }

        foreach (var member in new Members(schema, MostMembers))
        {
            switch (BoundedText.NameOf(member, 24))
            {
                case "properties":
                    Properties(member.Value, path + "/properties/", depth);
                    break;
                case "items":
                    Read(member.Value, path + "/items", depth + 1);
                    break;
                case "anyOf" or "oneOf" or "allOf" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var branch in member.Value.EnumerateArray().Take(MostBranches))
                    {
                        Read(branch, path, depth + 1);
                    }

                    break;
                case "$ref":
                    Read(Target(member.Value), path, depth + 1);
                    break;
                default:
                    break;
            }
        }
    }

    private void Properties(JsonElement properties, string path, int depth)
    {
        foreach (var member in new Members(properties, MostArguments))
        {
            if (found.Count >= MostArguments || budget-- <= 0)
            {
                return;
            }

            var name = BoundedText.NameOf(member, MostName);
            found.Add(ArgumentOf(name, member.Value, path + name, depth == 0));
            Read(member.Value, path + name, depth + 1);
        }
    }

    private Argument ArgumentOf(string name, JsonElement schema, string path, bool isTop)
    {
        var shape = new Shape();
        Describe(schema, ref shape, 0);
        return new Argument(name, Words.OfName(name), path, shape.Description ?? "", shape.IsText || !shape.HasType, shape.IsList, shape.IsBound, shape.Choices.IsDefault ? [] : shape.Choices, isTop);
    }

    private void Describe(JsonElement schema, ref Shape shape, int depth)
    {
        foreach (var member in new Members(schema, MostMembers))
        {
            switch (BoundedText.NameOf(member, 24))
            {
                case "type":
                    shape.Take(member.Value);
                    break;
                case "description":
                    shape.Description ??= BoundedText.Of(member.Value, MostDescription, out _);
                    break;
                case "pattern" or "format" or "const":
                    shape.IsBound = true;
                    break;
                case "enum" when member.Value.ValueKind == JsonValueKind.Array:
                    shape.IsBound = true;
                    shape.Choices = [.. member.Value.EnumerateArray().Take(MostChoices).Where(static one => one.ValueKind == JsonValueKind.String).Select(static one => BoundedText.Of(one, MostName, out _))];
                    break;
                case "anyOf" or "oneOf" or "allOf" when depth < 2 && member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var branch in member.Value.EnumerateArray().Take(MostBranches))
                    {
                        Describe(branch, ref shape, depth + 1);
                    }

                    break;
                case "$ref" when depth < 2 && budget-- > 0:
                    Describe(Target(member.Value), ref shape, depth + 1);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>What a reference within the schema points at; nothing for one that leads elsewhere: no address is ever looked up.</summary>
    private JsonElement Target(JsonElement reference)
    {
        var steps = BoundedText.Of(reference, 128, out _).Split('/');
        if (steps.Length != 3 || steps[0] != "#" || steps[1] is not ("$defs" or "definitions"))
        {
            return default;
        }

        return new Members(new Members(root, MostMembers).Find(steps[1]), MostArguments).Find(steps[2]);
    }

    private struct Shape
    {
        public string? Description;
        public bool HasType;
        public bool IsText;
        public bool IsList;
        public bool IsBound;
        public ImmutableArray<string> Choices;

        public void Take(JsonElement type)
        {
            var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Take(8).Select(static one => BoundedText.Of(one, 16, out _)) : [BoundedText.Of(type, 16, out _)];
            foreach (var one in types)
            {
                HasType = true;
                IsText |= one == "string";
                IsList |= one == "array";
            }
        }
    }
}
