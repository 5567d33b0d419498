using System.Globalization;
using System.Text.Json;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Schemas;

/// <summary>A schema and where it stands: a JSON Pointer into the document.</summary>
internal readonly record struct SchemaPlace(JsonElement Schema, string Pointer);

/// <summary>One document: its dialect, the resources and anchors in it, and what references in it mean.</summary>
internal sealed class SchemaDocument
{
    /// <summary>Schemas within each other, as they are written.</summary>
    public const int MostDepth = 128;

    /// <summary>Schemas in one document.</summary>
    public const int MostSchemas = 10_000;

    /// <summary>Characters of all pointers: a long name above many others stands in each of theirs, and a server sends what it likes.</summary>
    private const int MostOfPointers = 4_000_000;

    private static readonly Uri Unnamed = new("schema://document/");

    private long pointersLength;
    private readonly Dictionary<string, (Resource Resource, JsonElement Schema)> scanned = new(StringComparer.Ordinal); // by pointer
    private readonly Dictionary<string, Resource> byId = new(StringComparer.Ordinal);
    private readonly List<Resource> resources = [];
    private readonly JsonElement root;

    /// <param name="root">An object or a boolean, which nobody disposes.</param>
    public SchemaDocument(JsonElement root)
    {
        this.root = root;
        IsDraft7 = Dialect(root, null, "") ?? false;
        Scan(root, "", new Resource(Unnamed, new SchemaPlace(root, "")), 0);
    }

    /// <summary>Draft-07; otherwise 2020-12.</summary>
    public bool IsDraft7 { get; }

    /// <summary>What in the document as a whole cannot be judged, with its pointer first; null when nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary>The schema that a reference means; false with a fault when that is none of this document.</summary>
    /// <param name="reference">The text of <c>$ref</c> or <c>$dynamicRef</c>.</param>
    /// <param name="from">The pointer of the schema that it stands in.</param>
    /// <param name="dynamic">Whether it is a <c>$dynamicRef</c>.</param>
    /// <param name="target">The schema meant.</param>
    /// <param name="fault">A piece of a sentence.</param>
    public bool TryResolve(string reference, string from, bool dynamic, out SchemaPlace target, out string fault)
    {
        target = default;
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var address = hash < 0 ? reference : reference[..hash];
        var fragment = hash < 0 ? "" : Uri.UnescapeDataString(reference[(hash + 1)..]);
        var resource = ResourceAt(from);
        if (address.Length > 0 && (!Uri.TryCreate(resource.Base, address, out var uri) || !byId.TryGetValue(uri.AbsoluteUri, out resource)))
        {
            fault = "points outside the document; write the schema it means into `$defs`";
            return false;
        }

        if (fragment.Length == 0 || fragment[0] == '/')
        {
            return TryFollow(resource.Place, fragment, out target, out fault);
        }

        if (!resource.Anchors.TryGetValue(fragment, out target))
        {
            fault = "names no anchor of the document";
            return false;
        }

        // With one resource that has the anchor there is nothing for the dynamic scope to choose from.
        var choices = dynamic && resource.Dynamic.Contains(fragment) ? resources.Count(one => one.Dynamic.Contains(fragment)) : 1;
        fault = choices > 1 ? "depends on the way to it, which is not judged; write `$ref`" : "";
        return choices <= 1;
    }

    private bool TryFollow(SchemaPlace from, string pointer, out SchemaPlace target, out string fault)
    {
        fault = "";
        if (scanned.TryGetValue(from.Pointer + pointer, out var known) && IsSchema(known.Schema))
        {
            target = new SchemaPlace(known.Schema, from.Pointer + pointer);
            return true;
        }

        target = from;
        fault = "points at nothing in the document";
        foreach (var name in Pointers.Steps(pointer))
        {
            if (!TryStep(target.Schema, name, out var next))
            {
                return false;
            }

            target = new SchemaPlace(next, $"{target.Pointer}/{Pointers.Escape(name)}");
        }

        if (!IsSchema(target.Schema))
        {
            fault = "points at something that is no schema";
            return false;
        }

        Scan(target.Schema, target.Pointer, ResourceAt(target.Pointer), 0);
        fault = "";
        return true;
    }

    private static bool IsSchema(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;

    private static bool TryStep(JsonElement from, string name, out JsonElement next)
    {
        next = default;
        switch (from.ValueKind)
        {
            case JsonValueKind.Object:
                return from.TryGetProperty(name, out next);
            case JsonValueKind.Array:
                var plain = name is "0" || (name.Length is > 0 and < 9 && name[0] != '0' && name.All(char.IsAsciiDigit));
                if (!plain || int.Parse(name, CultureInfo.InvariantCulture) is var index && index >= from.GetArrayLength())
                {
                    return false;
                }

                next = from[index];
                return true;
            default:
                return false;
        }
    }

    private Resource ResourceAt(string pointer)
    {
        for (var end = pointer.Length; end > 0; end = pointer.LastIndexOf('/', end - 1))
        {
            if (scanned.TryGetValue(pointer[..end], out var around))
            {
                return around.Resource;
            }
        }

        return scanned[""].Resource;
    }

    private void Scan(JsonElement schema, string pointer, Resource resource, int depth)
    {
        if (scanned.ContainsKey(pointer))
        {
            return;
        }

        pointersLength += pointer.Length;
        if (pointersLength > MostOfPointers)
        {
            Fail("", "its names are too long together");
            return;
        }

        if (depth > MostDepth || scanned.Count >= MostSchemas)
        {
            Fail(pointer, depth > MostDepth ? "schemas are nested deeper than 128" : "the document holds more than 10,000 schemas");
            return;
        }

        if (schema.ValueKind == JsonValueKind.Object)
        {
            resource = Enter(schema, pointer, resource);
        }

        scanned[pointer] = (resource, schema);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var onlyDefinitions = IsDraft7 && schema.TryGetProperty("$ref", out _);
        foreach (var member in schema.EnumerateObject())
        {
            if (!onlyDefinitions || member.NameEquals("definitions"))
            {
                ScanKeyword(member, $"{pointer}/{Pointers.Escape(member.Name)}", resource, depth + 1);
            }
        }
    }

    private void ScanKeyword(JsonProperty keyword, string pointer, Resource resource, int depth)
    {
        var shape = Shape(keyword.Name);
        if (shape == KeywordShape.Map && keyword.Value.ValueKind == JsonValueKind.Object)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in keyword.Value.EnumerateObject().TakeWhile(_ => Fault is null))
            {
                var at = $"{pointer}/{Pointers.Escape(member.Name)}";
                if (!names.Add(member.Name))
                {
                    Fail(at, "stands twice in one object");
                }

                if (member.Value.ValueKind != JsonValueKind.Array)
                {
                    Scan(member.Value, at, resource, depth);
                }
            }
        }
        else if (shape is KeywordShape.List or KeywordShape.Schema && keyword.Value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in keyword.Value.EnumerateArray())
            {
                Scan(item, $"{pointer}/{index++}", resource, depth);
            }
        }
        else if (shape == KeywordShape.Schema)
        {
            Scan(keyword.Value, pointer, resource, depth);
        }
    }

    private KeywordShape Shape(string keyword) => keyword switch
    {
        "not" or "if" or "then" or "else" or "items" or "contains" or "additionalProperties" or "propertyNames" => KeywordShape.Schema,
        "allOf" or "anyOf" or "oneOf" => KeywordShape.List,
        "definitions" or "properties" or "patternProperties" => KeywordShape.Map,
        "additionalItems" => IsDraft7 ? KeywordShape.Schema : KeywordShape.None,
        "dependencies" => IsDraft7 ? KeywordShape.Map : KeywordShape.None,
        "unevaluatedItems" or "unevaluatedProperties" => IsDraft7 ? KeywordShape.None : KeywordShape.Schema,
        "prefixItems" => IsDraft7 ? KeywordShape.None : KeywordShape.List,
        "$defs" or "dependentSchemas" => IsDraft7 ? KeywordShape.None : KeywordShape.Map,
        _ => KeywordShape.None,
    };

    /// <summary>Takes note of what names this schema, and says which resource it belongs to.</summary>
    private Resource Enter(JsonElement schema, string pointer, Resource around)
    {
        var resource = around;
        var hasReference = IsDraft7 && schema.TryGetProperty("$ref", out _);
        if (!hasReference && Text(schema, "$id", pointer) is { } id)
        {
            resource = Named(id, new SchemaPlace(schema, pointer), around);
        }

        if (pointer.Length == 0)
        {
            resources.Add(resource);
            byId.TryAdd(resource.Base.AbsoluteUri, resource);
        }

        if (pointer.Length > 0 && Dialect(schema, IsDraft7, pointer) is { } dialect && dialect != IsDraft7)
        {
            Fail(pointer + "/$schema", "one document must keep to one dialect");
        }

        if (!IsDraft7)
        {
            Anchor(schema, "$anchor", pointer, resource);
            if (Anchor(schema, "$dynamicAnchor", pointer, resource) is { } name)
            {
                resource.Dynamic.Add(name);
            }
        }

        return resource;
    }

    private Resource Named(string id, SchemaPlace place, Resource around)
    {
        var hash = id.IndexOf('#', StringComparison.Ordinal);
        var (address, fragment) = hash < 0 ? (id, "") : (id[..hash], id[(hash + 1)..]);
        if (fragment.Length > 0 && (!IsDraft7 || address.Length > 0))
        {
            Fail(place.Pointer + "/$id", "an identifier must have no fragment; write `$anchor`");
        }

        if (fragment.Length > 0 && IsDraft7 && !around.Anchors.TryAdd(fragment, place))
        {
            Fail(place.Pointer + "/$id", "the name stands twice in one document");
        }

        if (address.Length == 0)
        {
            return around;
        }

        if (!Uri.TryCreate(around.Base, address, out var uri))
        {
            Fail(place.Pointer + "/$id", "is no identifier");
            return around;
        }

        var resource = new Resource(uri, place);
        if (place.Pointer.Length == 0)
        {
            return resource;
        }

        resources.Add(resource);
        if (!byId.TryAdd(uri.AbsoluteUri, resource))
        {
            Fail(place.Pointer + "/$id", "the identifier stands twice in one document");
        }

        return resource;
    }

    private string? Anchor(JsonElement schema, string keyword, string pointer, Resource resource)
    {
        if (Text(schema, keyword, pointer) is not { } name)
        {
            return null;
        }

        if (!resource.Anchors.TryAdd(name, new SchemaPlace(schema, pointer)))
        {
            Fail($"{pointer}/{keyword}", "the name stands twice in one document");
        }

        return name;
    }

    private string? Text(JsonElement schema, string keyword, string pointer)
    {
        if (!schema.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Fail($"{pointer}/{keyword}", "must be a string");
        return null;
    }

    /// <summary>True for draft-07, false for 2020-12, null where nothing or another is named.</summary>
    private bool? Dialect(JsonElement schema, bool? around, string pointer)
    {
        if (schema.ValueKind != JsonValueKind.Object || Text(schema, "$schema", pointer) is not { } written)
        {
            return around;
        }

        var plain = written.EndsWith('#') ? written[..^1] : written;
        plain = plain.StartsWith("http://", StringComparison.Ordinal) ? "https" + plain[4..] : plain;
        switch (plain)
        {
            case "https://json-schema.org/draft/2020-12/schema":
                return false;
            case "https://json-schema.org/draft-07/schema":
                return true;
            default:
                Fail(pointer + "/$schema", "the dialect is not known; 2020-12 and draft-07 are");
                return around;
        }
    }

    private void Fail(string pointer, string why) => Fault ??= SchemaCompiler.Fault(pointer, why);

    /// <summary>A schema with an identifier of its own, or the whole document.</summary>
    private sealed class Resource(Uri address, SchemaPlace place)
    {
        public Uri Base { get; } = address;

        public SchemaPlace Place { get; } = place;

        public Dictionary<string, SchemaPlace> Anchors { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Dynamic { get; } = new(StringComparer.Ordinal);
    }

    private enum KeywordShape
    {
        None,
        Schema,
        List,
        Map,
    }
}
