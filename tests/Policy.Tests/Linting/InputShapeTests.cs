using System.Text.Json;
using Callgate.Policy.Judging;
using Callgate.Policy.Linting;

namespace Callgate.Policy.Tests.Linting;

/// <summary>What the linter reads out of an input schema.</summary>
public sealed class InputShapeTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("{}", true)]
    [InlineData("""{ "type": "string" }""", true)]
    [InlineData("""{ "type": "string", "format": "uuid", "minLength": 1 }""", true)]
    [InlineData("""{ "type": ["integer", "string"] }""", true)]
    [InlineData("""{ "type": ["string", "null"] }""", true)]
    [InlineData("""{ "anyOf": [ { "type": "null" }, { "type": "string" } ] }""", true)]
    [InlineData("""{ "oneOf": [ { "type": "integer" }, { "type": "string" } ] }""", true)]
    [InlineData("""{ "$ref": "#/$defs/text" }""", true)]
    [InlineData("""{ "$ref": "#/$defs/again" }""", true)]
    [InlineData("""{ "$ref": "#/$defs/a~1b" }""", true)]
    [InlineData("""{ "$ref": "#/$defs/a~0b" }""", true)]
    [InlineData("""{ "anyOf": [ { "anyOf": [ { "anyOf": [ { "anyOf": [ { "type": "string" } ] } ] } ] } ] }""", true)]
    [InlineData("""{ "anyOf": [ { "anyOf": [ { "anyOf": [ { "anyOf": [ { "anyOf": [ { "type": "string" } ] } ] } ] } ] } ] }""", false)]
    [InlineData("""{ "anyOf": "x", "type": "string" }""", true)]
    [InlineData("false", false)]
    [InlineData("7", false)]
    [InlineData("""{ "type": "integer" }""", false)]
    [InlineData("""{ "type": ["integer", "null"] }""", false)]
    [InlineData("""{ "type": 5 }""", false)]
    [InlineData("""{ "type": "string", "pattern": "^a$" }""", false)]
    [InlineData("""{ "type": "string", "enum": ["a"] }""", false)]
    [InlineData("""{ "const": "a" }""", false)]
    [InlineData("""{ "properties": {} }""", false)]
    [InlineData("""{ "items": {} }""", false)]
    [InlineData("""{ "anyOf": [ { "type": "null" }, { "enum": ["a"] } ] }""", false)]
    [InlineData("""{ "oneOf": [] }""", false)]
    [InlineData("""{ "$ref": "#/$defs/none" }""", false)]
    [InlineData("""{ "$ref": "#/$defs/list/0" }""", false)]
    [InlineData("""{ "$ref": "other.json#/x" }""", false)]
    [InlineData("""{ "$ref": "#/$defs/circle" }""", false)]
    [InlineData("""{ "$ref": 5, "type": "string" }""", true)]
    public void IsFreeText_Schema_IsTextThatNothingNarrows(string schema, bool free)
    {
        var shape = new InputShape(JsonElement.Parse("""
            { "$defs": { "text": { "type": "string" }, "again": { "$ref": "#/$defs/text" }, "a/b": { "type": "string" }, "a~b": { "type": "string" },
                         "list": [ { "type": "string" } ], "circle": { "$ref": "#/$defs/circle" } } }
            """));

        Assert.Equal(free, shape.IsFreeText(JsonElement.Parse(schema)));
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public void IsFreeText_ChainOfReferences_IsFollowedSoFar(int hops, bool free)
    {
        var chain = string.Join(", ", Enumerable.Range(1, hops).Select(i => $$"""  "d{{i}}": { {{(i == hops ? "\"type\": \"string\"" : $"\"$ref\": \"#/$defs/d{i + 1}\"")}} } """));

        Assert.Equal(free, new InputShape(JsonElement.Parse($$"""{ "$defs": { {{chain}} } }""")).IsFreeText(JsonElement.Parse("""{ "$ref": "#/$defs/d1" }""")));
    }

    [Theory]
    [InlineData("args.must", "Required")]
    [InlineData("args.may", "Optional")]
    [InlineData("args.none", "Absent")]
    [InlineData("args.must.inner", "Required")]
    [InlineData("args.must.other", "Optional")]
    [InlineData("args.must.none", "Absent")]
    [InlineData("args.may.inner", "Optional")]
    [InlineData("args.may.none", "Absent")]
    [InlineData("args.text.none", "Open")]
    [InlineData("args.maybe.none", "Optional")]
    [InlineData("args.list[*].id", "Required")]
    [InlineData("args.list[0].note", "Optional")]
    [InlineData("args.list[*].none", "Absent")]
    [InlineData("args.text[*].none", "Open")]
    [InlineData("args.open.none", "Open")]
    [InlineData("args.any.none", "Open")]
    [InlineData("args.closed.none", "Absent")]
    [InlineData("args", "Required")]
    public void Find_Path_IsWhatTheSchemaSays(string path, string presence)
    {
        var shape = new InputShape(JsonElement.Parse("""
            { "$ref": "#/$defs/in", "$defs": { "in": { "required": ["must", "list", "text", "open", "any", "closed", 5], "properties": {
                "must": { "properties": { "inner": {}, "other": {} }, "required": ["inner"] },
                "may": { "properties": { "inner": {} }, "required": ["inner"] },
                "text": { "type": "string" },
                "maybe": { "type": "object" },
                "list": { "items": { "properties": { "id": {}, "note": {} }, "required": ["note2", "id"] } },
                "open": { "properties": {}, "additionalProperties": true },
                "any": { "properties": {}, "additionalProperties": { "type": "string" } },
                "closed": { "properties": {}, "additionalProperties": false } } } } }
            """));

        Assert.Equal(presence, shape.Find(FactPath.Parse(path, out _)!).ToString());
    }

    [Theory]
    [InlineData("anyOf")]
    [InlineData("oneOf")]
    [InlineData("allOf")]
    [InlineData("patternProperties")]
    [InlineData("if")]
    [InlineData("dependentSchemas")]
    [InlineData("$dynamicRef")]
    public void Find_NameBesideAKeywordThatMayAddMore_IsOpen(string keyword)
    {
        var shape = new InputShape(JsonElement.Parse($$"""{ "properties": { "a": {} }, "{{keyword}}": [] }"""));

        Assert.Equal(Presence.Open, shape.Find(FactPath.Parse("args.none", out _)!));
        Assert.Equal(Presence.Optional, shape.Find(FactPath.Parse("args.a", out _)!));
    }

    [Theory]
    [InlineData("""{ "properties": { "a": {}, "b": { "$ref": "#/properties/c" }, "c": { "type": "string" } }, "required": ["b"] }""", "a:{} b:{ \"type\": \"string\" }! c:{ \"type\": \"string\" }")]
    [InlineData("""{ "properties": { "a": {} }, "required": "a" }""", "a:{}")]
    [InlineData("""{ "properties": [] }""", "")]
    [InlineData("""{ "title": "x" }""", "")]
    [InlineData("true", "")]
    [InlineData("7", "")]
    public void Arguments_OfASchema_AreItsProperties(string schema, string told)
    {
        var shape = new InputShape(JsonElement.Parse(schema));

        Assert.Equal(told, string.Join(' ', shape.Arguments().Select(argument => $"{argument.Name}:{argument.Schema.GetRawText()}{(argument.Required ? "!" : "")}")));
    }
}
