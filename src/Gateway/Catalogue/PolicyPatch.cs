using System.Globalization;
using System.Text.Json.Nodes;

namespace Callgate.Gateway.Catalogue;

/// <summary>One operation of a JSON Patch (RFC 6902).</summary>
/// <param name="Path">A JSON Pointer; <c>-</c> at its end is behind the last element.</param>
/// <param name="Value">What is added there; null where something is removed.</param>
public sealed record PatchStep(string Path, JsonNode? Value)
{
    public string Op => Value is null ? "remove" : "add";

    /// <summary>As a patch document holds it.</summary>
    public JsonObject ToJson() => Value is null ? new JsonObject { ["op"] = Op, ["path"] = Path } : new JsonObject { ["op"] = Op, ["path"] = Path, ["value"] = Value.DeepClone() };
}

/// <summary>A policy document while it is changed, and the patch that the changes come to.</summary>
internal sealed class PolicyPatch(JsonObject document)
{
    private readonly JsonObject root = document.DeepClone().AsObject();
    private readonly List<(string Path, JsonNode? Value)> steps = [];

    public JsonObject Document => root;

    /// <summary>What was put into something new is a part of that step, and no step of its own.</summary>
    public IReadOnlyList<PatchStep> Steps => [.. steps.Select(static step => new PatchStep(step.Path, step.Value?.DeepClone()))];

    /// <summary>What stands at these names; null where nothing does.</summary>
    public JsonNode? At(params IReadOnlyList<string> names)
    {
        JsonNode? at = root;
        foreach (var name in names)
        {
            at = at is JsonObject owner ? owner[name] : null;
        }

        return at;
    }

    /// <summary>Puts a value at these names, in the place of what is there; objects on the way are made.</summary>
    public void Set(JsonNode value, params IReadOnlyList<string> names)
    {
        var at = root;
        for (var depth = 1; depth < names.Count; depth++)
        {
            if (at[names[depth - 1]] is JsonObject next)
            {
                at = next;
                continue;
            }

            var made = new JsonObject();
            at[names[depth - 1]] = made;
            Note(Pointer([.. names.Take(depth)]), made);
            at = made;
        }

        at[names[^1]] = value;
        Note(Pointer(names), value);
    }

    /// <summary>Puts a value behind the last element of the list at these names, which is made where there is none.</summary>
    public void Append(JsonNode value, params IReadOnlyList<string> names)
    {
        if (At(names) is not JsonArray list)
        {
            Set(new JsonArray(value), names);
            return;
        }

        list.Add(value);
        Note(Pointer(names) + "/-", value);
    }

    /// <summary>Takes an element out of the list at these names.</summary>
    public void RemoveAt(int index, params IReadOnlyList<string> names)
    {
        At(names)!.AsArray().RemoveAt(index);
        Note(string.Create(CultureInfo.InvariantCulture, $"{Pointer(names)}/{index}"), null);
    }

    public static IReadOnlyList<string> NamesOf(string pointer) =>
        [.. pointer.Split('/').Skip(1).Select(static step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private void Note(string path, JsonNode? value)
    {
        if (!steps.Any(step => step.Value is JsonObject or JsonArray && !step.Path.EndsWith("/-", StringComparison.Ordinal) && path.StartsWith(step.Path + "/", StringComparison.Ordinal)))
        {
            steps.Add((path, value));
        }
    }

    private static string Pointer(IReadOnlyList<string> names) =>
        string.Concat(names.Select(static name => "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
}
