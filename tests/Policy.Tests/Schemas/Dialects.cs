using System.Text.Json;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>Schemas from text, in each dialect.</summary>
internal static class Dialects
{
    /// <summary>Null is the dialect that holds without one being named.</summary>
    public static readonly string?[] All =
        [null, "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft/2020-12/schema#", "http://json-schema.org/draft-07/schema#"];

    public static string In(string? dialect, string schema) =>
        dialect is null || !schema.StartsWith('{') ? schema
            : schema == "{}" ? $$"""{"$schema":"{{dialect}}"}""" : $$"""{"$schema":"{{dialect}}",{{schema[1..]}}""";

    public static InputSchema Compile(string text)
    {
        var schema = InputSchema.Compile(JsonElement.Parse(text));
        Assert.True(schema.Fault is null, $"{text}: {schema.Fault}");
        return schema;
    }
}
