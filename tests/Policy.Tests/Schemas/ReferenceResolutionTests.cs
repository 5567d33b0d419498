using System.Text.Json;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>What a reference within a document means: by pointer, by anchor, by identifier, in each dialect.</summary>
public sealed class ReferenceResolutionTests
{
    private const string Old = "http://json-schema.org/draft-07/schema#";
    private const string New = "https://json-schema.org/draft/2020-12/schema";

    [Theory]
    [InlineData("not", "X", true, true)]
    [InlineData("if", "X", true, true)]
    [InlineData("then", "X", true, true)]
    [InlineData("else", "X", true, true)]
    [InlineData("items", "X", true, true)]
    [InlineData("items", "[true, X]", true, false)]
    [InlineData("contains", "X", true, true)]
    [InlineData("additionalProperties", "X", true, true)]
    [InlineData("propertyNames", "X", true, true)]
    [InlineData("allOf", "[true, X]", true, true)]
    [InlineData("anyOf", "[true, X]", true, true)]
    [InlineData("oneOf", "[true, X]", true, true)]
    [InlineData("definitions", "{\"a/b\": X}", true, true)]
    [InlineData("properties", "{\"a\": X}", true, true)]
    [InlineData("patternProperties", "{\"^a\": X}", true, true)]
    [InlineData("additionalItems", "X", true, false)]
    [InlineData("dependencies", "{\"a\": X}", true, false)]
    [InlineData("unevaluatedItems", "X", false, true)]
    [InlineData("unevaluatedProperties", "X", false, true)]
    [InlineData("prefixItems", "[true, X]", false, true)]
    [InlineData("$defs", "{\"a\": X}", false, true)]
    [InlineData("dependentSchemas", "{\"a\": X}", false, true)]
    [InlineData("title", "X", false, false)]
    [InlineData("default", "X", false, false)]
    [InlineData("const", "X", false, false)]
    public void Compile_NameInsideAKeyword_IsKnownWhereTheDialectHasTheKeyword(string keyword, string value, bool old, bool modern)
    {
        var holder = keyword == "anyOf" ? "allOf" : "anyOf";
        string? Fault(string dialect, string name)
        {
            var told = value.Replace("X", $"{{ {name}, \"type\": \"integer\" }}", StringComparison.Ordinal);
            return InputSchema.Compile(JsonElement.Parse(
                $$$"""{ "$schema": "{{{dialect}}}", "{{{keyword}}}": {{{told}}}, "{{{holder}}}": [ { "maxLength": 9 }, { "properties": { "p": { "$ref": "#x" } } } ] }""")).Fault;
        }

        AssertKnown(old, Fault(Old, "\"$id\":\"#x\""));
        if (keyword != "items" || !value.StartsWith('['))
        {
            AssertKnown(modern, Fault(New, "\"$anchor\":\"x\""));
        }
    }

    [Theory]
    [InlineData("0", "1", "\"a\"")]
    [InlineData("1", "\"a\"", "1")]
    [InlineData("10", "null", "1")]
    [InlineData("11", "true", "1")]
    public void Check_PointerIntoAList_MeansTheSchemaAtThatPlace(string place, string fits, string other)
    {
        var schema = Dialects.Compile(List($"#/x-list/{place}"));

        Assert.Null(schema.Check(JsonElement.Parse($$"""{"p":{{fits}}}""")));
        Assert.NotNull(schema.Check(JsonElement.Parse($$"""{"p":{{other}}}""")));
    }

    [Theory]
    [InlineData("12")]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1a")]
    [InlineData("a1")]
    [InlineData("")]
    [InlineData("1/0")]
    [InlineData("100000000")]
    [InlineData("1000000000")]
    [InlineData("99999999999")]
    public void Compile_PlaceThatAListHasNot_PointsAtNothing(string place) =>
        Assert.Contains("points at nothing in the document", InputSchema.Compile(JsonElement.Parse(List($"#/x-list/{place}"))).Fault, StringComparison.Ordinal);

    [Theory]
    // Names with the two characters that a pointer escapes, and with one that an address escapes.
    [InlineData("""{"x":{"a/b":{"m~n":{"type":"integer"}}},"properties":{"p":{"$ref":"#/x/a~1b/m~0n"}}}""")]
    [InlineData("""{"x":{"a b":{"type":"integer"}},"properties":{"p":{"$ref":"#/x/a%20b"}}}""")]
    [InlineData("""{"x":{"~1":{"type":"integer"}},"properties":{"p":{"$ref":"#/x/~01"}}}""")]
    // The document by its own identifier, in full and relative.
    [InlineData("""{"$id":"https://e.test/root","properties":{"p":{"$ref":"https://e.test/root#/$defs/k"}},"$defs":{"k":{"type":"integer"}}}""")]
    [InlineData("""{"$id":"https://e.test/root","properties":{"p":{"$ref":"root#/$defs/k"}},"$defs":{"k":{"type":"integer"}}}""")]
    [InlineData("""{"$id":"https://e.test/root","properties":{"p":{"$ref":"root#k"}},"$defs":{"a":{"$anchor":"k","type":"integer"}}}""")]
    // A part with an identifier: others name it, and what it says is relative to it.
    [InlineData("""{"properties":{"p":{"$ref":"https://e.test/part"}},"$defs":{"a":{"$id":"https://e.test/part","type":"integer"}}}""")]
    [InlineData("""{"properties":{"p":{"$ref":"https://e.test/part#"}},"$defs":{"a":{"$id":"https://e.test/part","type":"integer"}}}""")]
    [InlineData("""{"properties":{"p":{"$ref":"https://e.test/part#k"}},"$defs":{"a":{"$id":"https://e.test/part","$defs":{"b":{"$anchor":"k","type":"integer"}}}}}""")]
    [InlineData("""{"$id":"https://e.test/a/root","properties":{"p":{"$ref":"part"}},"$defs":{"a":{"$id":"part","type":"integer"}}}""")]
    [InlineData("""{"$id":"https://e.test/a/root","properties":{"p":{"$ref":"/b/part"}},"$defs":{"a":{"$id":"/b/part","type":"integer"}}}""")]
    [InlineData("""{"properties":{"p":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$id":"https://e.test/part","$ref":"#/$defs/k","$defs":{"k":{"type":"integer"}}},"k":{"type":"string"}}}""")]
    [InlineData("""{"properties":{"p":{"$ref":"#k"}},"$defs":{"a":{"$id":"https://e.test/part","$anchor":"k","type":"string"},"b":{"$anchor":"k","type":"integer"}}}""")]
    // The same in a place that is a schema only because a reference says so.
    [InlineData("""{"properties":{"p":{"$ref":"#/x"}},"x":{"$id":"https://e.test/part","$ref":"#/$defs/k","$defs":{"k":{"type":"integer"}}}}""")]
    // With one schema of that name a dynamic reference is a plain one, and a plain one never chooses.
    [InlineData("""{"properties":{"p":{"$dynamicRef":"#k"}},"$defs":{"a":{"$dynamicAnchor":"k","type":"integer"}}}""")]
    [InlineData("""{"properties":{"p":{"$dynamicRef":"#k"}},"$defs":{"a":{"$anchor":"k","type":"integer"},"b":{"$id":"https://e.test/b","$dynamicAnchor":"k"},"c":{"$id":"https://e.test/c","$dynamicAnchor":"k"}}}""")]
    [InlineData("""{"properties":{"p":{"$ref":"#k"}},"$defs":{"a":{"$dynamicAnchor":"k","type":"integer"},"b":{"$id":"https://e.test/b","$dynamicAnchor":"k"}}}""")]
    // Beside a reference everything counts in 2020-12.
    [InlineData("""{"$ref":"#/$defs/a","properties":{"q":{"$anchor":"k","type":"integer"}},"$defs":{"a":{"properties":{"p":{"$ref":"#k"}}}}}""")]
    // Draft-07: identifiers with a fragment alone are anchors, those without one are addresses.
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"p":{"$ref":"#k"}},"definitions":{"a":{"$id":"#k","type":"integer"}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"p":{"$ref":"https://e.test/b"}},"definitions":{"a":{"$id":"https://e.test/a"},"b":{"$id":"https://e.test/b","type":"integer"}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"p":{"$ref":"https://e.test/b"}},"definitions":{"b":{"$id":"https://e.test/b#","type":"integer"}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"p":{"$ref":"#/definitions/a","type":"string","$id":"#z"}},"definitions":{"a":{"type":"integer"}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","definitions":{"a":{"properties":{"p":{"$ref":"#k"}}},"b":{"$id":"#k","type":"integer"}}}""")]
    public void Check_Reference_MeansTheSchemaOfIntegers(string text)
    {
        var schema = Dialects.Compile(text);

        Assert.Null(schema.Check(JsonElement.Parse("""{"p":1}""")));
        Assert.Equal("an integer", schema.Check(JsonElement.Parse("""{"p":"1"}"""))?.Expected);
    }

    [Theory]
    [InlineData("""{"allOf":[{"$anchor":"x"},{"$anchor":"x"}]}""", "`/allOf/1/$anchor`: the name stands twice")]
    [InlineData("""{"prefixItems":[true,{"$anchor":"x"},{"$anchor":"x"}]}""", "`/prefixItems/2/$anchor`: the name stands twice")]
    [InlineData("""{"$anchor":"x","$dynamicAnchor":"x"}""", "`/$dynamicAnchor`: the name stands twice")]
    [InlineData("""{"$id":"https://e.test/a#x"}""", "`/$id`: an identifier must have no fragment")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"$id":"https://e.test/a#x"}}}""", "`/definitions/a/$id`: an identifier must have no fragment")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"$id":"#x"},"b":{"$id":"#x"}}}""", "`/definitions/b/$id`: the name stands twice")]
    // Beside a reference draft-07 reads nothing but definitions.
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","properties":{"q":{"$id":"#k"}},"definitions":{"a":{"properties":{"p":{"$ref":"#k"}}}}}""", "names no anchor")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"p":{"$ref":"#x"},"q":{"$anchor":"x"}}}""", "names no anchor")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"p":{"$ref":"#/definitions/a","$id":"#k"},"q":{"$ref":"#k"}},"definitions":{"a":true}}""", "names no anchor")]
    [InlineData("""{"properties":{"p":{"$ref":"https://e.test/part#k"}},"$defs":{"a":{"$anchor":"k"},"b":{"$id":"https://e.test/part"}}}""", "names no anchor")]
    [InlineData("""{"properties":{"p":{"$ref":"https://e.test/part#/$defs/a"}},"$defs":{"a":true,"b":{"$id":"https://e.test/part"}}}""", "points at nothing")]
    [InlineData("""{"x":[1],"properties":{"p":{"$ref":"#/x/0"}}}""", "points at something that is no schema")]
    [InlineData("""{"properties":{"p":{"$ref":"#/properties"}},"not":{"$ref":"#/properties/p/$ref"}}""", "points at something that is no schema")]
    public void Compile_NameThatIsNoneOrTwo_IsAFault(string text, string fault) =>
        Assert.Contains(fault, InputSchema.Compile(JsonElement.Parse(text)).Fault, StringComparison.Ordinal);

    private static string List(string reference) =>
        """{"x-list":[{"type":"integer"},{"type":"string"},true,true,true,true,true,true,true,true,{"type":"null"},{"type":"boolean"}],"properties":{"p":{"$ref":"REF"}}}"""
            .Replace("REF", reference, StringComparison.Ordinal);

    private static void AssertKnown(bool known, string? fault)
    {
        if (known)
        {
            Assert.Null(fault);
        }
        else
        {
            Assert.Contains("names no anchor", fault, StringComparison.Ordinal);
        }
    }
}
