using System.Text.Json;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>How a schema speaks of a value that a path leads to.</summary>
internal enum Presence
{
    /// <summary>The schema does not say, or says it in a way that is not read here.</summary>
    Open,
    Required,
    Optional,

    /// <summary>The schema lists what there is, and this is not among it.</summary>
    Absent,
}

/// <summary>An argument at the top of a tool's input.</summary>
internal readonly record struct InputArgument(string Name, JsonElement Schema, bool Required);

/// <summary>
/// The plain part of an input schema: which arguments there are and which must be there. It is for advice alone; whether
/// arguments fit is never decided here.
/// </summary>
internal sealed class InputShape(JsonElement schema)
{
    private const int MostHops = 16;

    public IEnumerable<InputArgument> Arguments()
    {
        var root = Resolve(schema);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var property in properties.EnumerateObject())
        {
            yield return new InputArgument(property.Name, Resolve(property.Value), Requires(root, property.Name));
        }
    }

    public IEnumerable<string> Names => Arguments().Select(argument => argument.Name);

    /// <summary>Follows the names and elements of a path that begins at the arguments.</summary>
    public Presence Find(FactPath path)
    {
        var at = Resolve(schema);
        var presence = Presence.Required;
        foreach (var step in path.Steps)
        {
            if (step.Name is not { } name)
            {
                at = at.ValueKind == JsonValueKind.Object && at.TryGetProperty("items", out var items) ? Resolve(items) : default;
                continue;
            }

            if (!Lists(at, out var properties))
            {
                return presence == Presence.Optional ? presence : Presence.Open;
            }

            if (!properties.TryGetProperty(name, out var next))
            {
                return IsClosed(at) ? Presence.Absent : Presence.Open;
            }

            presence = Requires(at, name) ? presence : Presence.Optional;
            at = Resolve(next);
        }

        return presence;
    }

    /// <summary>Whether a value may be a text that nothing in the schema narrows. An annotation such as <c>format</c> narrows nothing.</summary>
    public bool IsFreeText(JsonElement value) => IsFreeText(value, 0);

    private bool IsFreeText(JsonElement given, int depth)
    {
        var value = Resolve(given);
        if (value.ValueKind == JsonValueKind.True)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Object || depth > 4 || value.TryGetProperty("pattern", out _) || value.TryGetProperty("enum", out _) || value.TryGetProperty("const", out _))
        {
            return false;
        }

        foreach (var choice in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (value.TryGetProperty(choice, out var branches) && branches.ValueKind == JsonValueKind.Array)
            {
                return branches.EnumerateArray().Any(branch => IsFreeText(branch, depth + 1));
            }
        }

        if (!value.TryGetProperty("type", out var type))
        {
            return !value.TryGetProperty("properties", out _) && !value.TryGetProperty("items", out _);
        }

        return type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(IsString) : IsString(type);
    }

    /// <summary>What the elements of a list must be; undefined where the value is no list.</summary>
    public JsonElement ElementsOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("items", out var items) ? Resolve(items) : default;

    private static bool IsString(JsonElement type) => type.ValueKind == JsonValueKind.String && type.ValueEquals("string");

    private static bool Requires(JsonElement owner, string name) =>
        owner.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array
        && required.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(name));

    private static bool Lists(JsonElement owner, out JsonElement properties)
    {
        properties = default;
        return owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty("properties", out properties) && properties.ValueKind == JsonValueKind.Object;
    }

    /// <summary>Many servers do not forbid what they do not list. A name beside a plain list is still most likely misspelt.</summary>
    private static bool IsClosed(JsonElement owner) =>
        !owner.EnumerateObject().Any(member => member.Name is "anyOf" or "oneOf" or "allOf" or "patternProperties" or "if" or "dependentSchemas" or "$dynamicRef")
        && !(owner.TryGetProperty("additionalProperties", out var more) && more.ValueKind is JsonValueKind.True or JsonValueKind.Object);

    private JsonElement Resolve(JsonElement at)
    {
        for (var hop = 0; hop < MostHops; hop++)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty("$ref", out var reference) || reference.ValueKind != JsonValueKind.String)
            {
                return at;
            }

            at = Follow(reference.GetString()!);
        }

        return default;
    }

    private JsonElement Follow(string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return default;
        }

        var at = schema;
        foreach (var name in Pointers.Steps(reference))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return default;
            }
        }

        return at;
    }
}
