using System.Text.Json;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Schemas;

/// <summary>The keywords of one schema, read by type. Absent ones are null; ones of a wrong type are null and a fault.</summary>
internal sealed class SchemaKeywords
{
    /// <summary>Names in one <c>required</c>.</summary>
    public const int MostNames = 4_096;

    private readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);
    private readonly SchemaCompiler compiler;
    private readonly string pointer;

    public SchemaKeywords(JsonElement schema, string pointer, SchemaCompiler compiler)
    {
        (this.pointer, this.compiler) = (pointer, compiler);
        foreach (var member in schema.EnumerateObject())
        {
            if (!values.TryAdd(member.Name, member.Value))
            {
                compiler.Fail(At(member.Name), "stands twice in one object");
            }
        }
    }

    public bool Has(string keyword) => values.ContainsKey(keyword);

    public string? Text(string keyword) => Typed(keyword, JsonValueKind.String, "must be a string")?.GetString();

    public bool Flag(string keyword)
    {
        if (!values.TryGetValue(keyword, out var value))
        {
            return false;
        }

        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            compiler.Fail(At(keyword), "must be true or false");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    public ExactNumber? Number(string keyword)
    {
        if (Typed(keyword, JsonValueKind.Number, "must be a number") is not { } value)
        {
            return null;
        }

        if (ExactNumber.TryRead(JsonText.Number(value), out var number))
        {
            return number;
        }

        compiler.Fail(At(keyword), SchemaCompiler.Inexact);
        return null;
    }

    /// <summary>A number of things: whole, not below 0, at most <see cref="int.MaxValue"/>, beyond which nothing can be counted.</summary>
    public long? Count(string keyword)
    {
        if (Number(keyword) is not { } number)
        {
            return null;
        }

        if (!number.IsInteger || number.Sign < 0)
        {
            compiler.Fail(At(keyword), "must be a whole number of at least 0");
        }

        return number.TryToDecimal(out var count) && count is >= 0 and <= int.MaxValue ? (long)count : int.MaxValue;
    }

    public JsonElement? Any(string keyword) => values.TryGetValue(keyword, out var value) ? value : null;

    public JsonElement[]? List(string keyword) =>
        Typed(keyword, JsonValueKind.Array, "must be an array") is { } array ? [.. array.EnumerateArray()] : null;

    public SchemaNode? Schema(string keyword) => values.TryGetValue(keyword, out var value) ? compiler.Node(value, At(keyword)) : null;

    /// <param name="keyword">Its name.</param>
    /// <param name="mayBeEmpty">Whether no schema at all is a value of it.</param>
    public SchemaNode[]? Schemas(string keyword, bool mayBeEmpty = false)
    {
        if (List(keyword) is not { } list)
        {
            return null;
        }

        if (list.Length == 0 && !mayBeEmpty)
        {
            compiler.Fail(At(keyword), "must hold at least one schema");
        }

        return [.. list.Select((schema, index) => compiler.Node(schema, FormattableString.Invariant($"{At(keyword)}/{index}")))];
    }

    public Dictionary<string, SchemaNode> Map(string keyword) =>
        Members(keyword).ToDictionary(member => member.Key, member => compiler.Node(member.Value, At(keyword, member.Key)), StringComparer.Ordinal);

    public string[] Names(string keyword) => Names(Any(keyword), At(keyword));

    public IEnumerable<NamePattern> Patterns(string keyword)
    {
        foreach (var (source, schema) in Members(keyword))
        {
            if (compiler.Pattern(source, At(keyword, source)) is { } pattern)
            {
                yield return new NamePattern(pattern, compiler.Node(schema, At(keyword, source)));
            }
        }
    }

    /// <summary>All dependencies of one keyword, of names, of schemas, or in draft-07 of either.</summary>
    public IEnumerable<Dependency> Dependencies(string keyword, bool names, bool schemas)
    {
        foreach (var (name, value) in Members(keyword))
        {
            if (names && (!schemas || value.ValueKind == JsonValueKind.Array))
            {
                yield return new Dependency(name, Names(value, At(keyword, name)), null);
            }
            else
            {
                yield return new Dependency(name, [], compiler.Node(value, At(keyword, name)));
            }
        }
    }

    private string At(string keyword) => $"{pointer}/{Pointers.Escape(keyword)}";

    private string At(string keyword, string name) => $"{At(keyword)}/{Pointers.Escape(name)}";

    private JsonElement? Typed(string keyword, JsonValueKind kind, string must)
    {
        if (!values.TryGetValue(keyword, out var value))
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

        compiler.Fail(At(keyword), must);
        return null;
    }

    private Dictionary<string, JsonElement> Members(string keyword)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (Typed(keyword, JsonValueKind.Object, "must be an object") is not { } map)
        {
            return members;
        }

        foreach (var member in map.EnumerateObject())
        {
            if (!members.TryAdd(member.Name, member.Value))
            {
                compiler.Fail(At(keyword, member.Name), "stands twice in one object");
            }
        }

        return members;
    }

    private string[] Names(JsonElement? list, string at)
    {
        if (list is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
        {
            compiler.Fail(at, "must be an array of names");
            return [];
        }

        if (value.GetArrayLength() > MostNames)
        {
            compiler.Fail(at, "holds more than 4,096 names");
            return [];
        }

        return [.. value.EnumerateArray().Select(one => one.GetString() ?? "")];
    }
}
