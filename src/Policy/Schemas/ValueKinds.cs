using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>Kinds of JSON values, as a set. An integer is a number without a fraction, however it is written.</summary>
[Flags]
internal enum ValueKinds
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Number = 4,
    String = 8,
    Array = 16,
    Object = 32,
    Any = Null | Boolean | Number | String | Array | Object,

    /// <summary>Only in what a schema asks for: never the kind of a value.</summary>
    Integer = 64,
}

/// <summary>Kinds of values and their words.</summary>
internal static class ValueKindWords
{
    private static readonly (ValueKinds Kind, string Keyword, string Phrase)[] All =
    [
        (ValueKinds.Integer, "integer", "an integer"), (ValueKinds.Number, "number", "a number"), (ValueKinds.String, "string", "a string"),
        (ValueKinds.Boolean, "boolean", "a boolean"), (ValueKinds.Array, "array", "an array"), (ValueKinds.Object, "object", "an object"),
        (ValueKinds.Null, "null", "null"),
    ];

    public static ValueKinds Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => ValueKinds.Object,
        JsonValueKind.Array => ValueKinds.Array,
        JsonValueKind.String => ValueKinds.String,
        JsonValueKind.Number => ValueKinds.Number,
        JsonValueKind.True or JsonValueKind.False => ValueKinds.Boolean,
        JsonValueKind.Null => ValueKinds.Null,
        _ => ValueKinds.None,
    };

    /// <summary>None for a word that <c>type</c> does not know.</summary>
    public static ValueKinds Parse(string word) => Array.Find(All, one => string.Equals(one.Keyword, word, StringComparison.Ordinal)).Kind;

    /// <summary>For people: <c>a string or null</c>.</summary>
    public static string Phrase(ValueKinds kinds) => string.Join(" or ", All.Where(one => kinds.HasFlag(one.Kind)).Select(one => one.Phrase));
}
