using System.Text.Json;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>Every way in which a schema cannot be judged is said, with its place, and nothing else is a fault.</summary>
public sealed class FaultTests
{
    private const string Old = "http://json-schema.org/draft-07/schema#";

    [Theory]
    [InlineData("7", "the schema must be an object or a boolean")]
    [InlineData("\"x\"", "the schema must be an object or a boolean")]
    [InlineData("[]", "the schema must be an object or a boolean")]
    [InlineData("null", "the schema must be an object or a boolean")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#"}""", "`/$schema`: the dialect is not known; 2020-12 and draft-07 are")]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2019-09/schema"}""", "`/$schema`: the dialect is not known")]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2020-12/schema/"}""", "`/$schema`: the dialect is not known")]
    [InlineData("""{"$schema":5}""", "`/$schema`: must be a string")]
    [InlineData("""{"properties":{"a":{"$schema":"http://json-schema.org/draft-07/schema#"}}}""", "`/properties/a/$schema`: one document must keep to one dialect")]
    [InlineData("""{"properties":{"a":{"$schema":"urn:x"}}}""", "`/properties/a/$schema`: the dialect is not known")]
    [InlineData("""{"$ref":"http://elsewhere.test/x.json"}""", "`/$ref`: `http://elsewhere.test/x.json` points outside the document")]
    [InlineData("""{"properties":{"a":{"$ref":"other.json#/x"}}}""", "`/properties/a/$ref`: `other.json#/x` points outside the document")]
    [InlineData("""{"$ref":"//[bad"}""", "points outside the document")]
    [InlineData("""{"$ref":"#/$defs/x"}""", "`/$ref`: `#/$defs/x` points at nothing in the document")]
    [InlineData("""{"allOf":[true],"$ref":"#/allOf/1"}""", "points at nothing in the document")]
    [InlineData("""{"allOf":[true],"$ref":"#/allOf/00"}""", "points at nothing in the document")]
    [InlineData("""{"allOf":[true],"$ref":"#/allOf/-"}""", "points at nothing in the document")]
    [InlineData("""{"allOf":[true],"$ref":"#/allOf/0/x"}""", "points at nothing in the document")]
    [InlineData("""{"title":"x","$ref":"#/title"}""", "points at something that is no schema")]
    [InlineData("""{"$ref":"#nowhere"}""", "names no anchor of the document")]
    [InlineData("""{"$ref":7}""", "`/$ref`: must be a string")]
    [InlineData("""{"$ref":"#"}""", "the schema refers to itself for the same value")]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}},"items":{"$ref":"#/$defs/a"}}""", "refers to itself for the same value")]
    [InlineData("""{"anyOf":[{"type":"string"},{"not":{"$ref":"#"}}]}""", "refers to itself for the same value")]
    [InlineData("""{"dependentSchemas":{"a":{"$ref":"#"}}}""", "refers to itself for the same value")]
    [InlineData("""{"if":true,"then":{"$ref":"#"}}""", "refers to itself for the same value")]
    [InlineData("""{"$anchor":5}""", "`/$anchor`: must be a string")]
    [InlineData("""{"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}}""", "`/$defs/b/$anchor`: the name stands twice")]
    [InlineData("""{"$id":5}""", "`/$id`: must be a string")]
    [InlineData("""{"$id":"https://example.test/#x"}""", "`/$id`: an identifier must have no fragment")]
    [InlineData("""{"$id":"#x"}""", "`/$id`: an identifier must have no fragment")]
    [InlineData("""{"$id":"https://["}""", "`/$id`: is no identifier")]
    [InlineData("""{"$defs":{"a":{"$id":"https://example.test/x"},"b":{"$id":"https://example.test/x"}}}""", "`/$defs/b/$id`: the identifier stands twice")]
    [InlineData("""{"$dynamicAnchor":"n","properties":{"a":{"$dynamicRef":"#n"}},"$defs":{"x":{"$id":"https://example.test/x","$dynamicAnchor":"n"}}}""", "`/properties/a/$dynamicRef`: `#n` depends on the way to it")]
    [InlineData("""{"$dynamicRef":"#n"}""", "names no anchor")]
    [InlineData("""{"type":"int"}""", "`/type`: must be one of string, number,")]
    [InlineData("""{"type":5}""", "`/type`: must be one of string, number,")]
    [InlineData("""{"type":[]}""", "`/type`: must hold at least one type")]
    [InlineData("""{"type":["string",null]}""", "`/type`: must be one of string, number,")]
    [InlineData("""{"type":"Integer"}""", "`/type`: must be one of")]
    [InlineData("""{"type":"any"}""", "`/type`: must be one of")]
    [InlineData("""{"enum":"a"}""", "`/enum`: must be an array")]
    [InlineData("""{"enum":[1,1e400]}""", "`/enum`: holds a number that is not exact")]
    [InlineData("""{"const":{"a":[12345678901234567890123456789]}}""", "`/const`: holds a number that is not exact")]
    [InlineData("""{"multipleOf":0}""", "`/multipleOf`: must be above 0")]
    [InlineData("""{"multipleOf":-1}""", "`/multipleOf`: must be above 0")]
    [InlineData("""{"multipleOf":"1"}""", "`/multipleOf`: must be a number")]
    [InlineData("""{"maximum":1.7976931348623157e308}""", "`/maximum`: holds a number that is not exact")]
    [InlineData("""{"exclusiveMaximum":true}""", "`/exclusiveMaximum`: must be a number")]
    [InlineData("""{"minimum":null}""", "`/minimum`: must be a number")]
    [InlineData("""{"exclusiveMinimum":"0"}""", "`/exclusiveMinimum`: must be a number")]
    [InlineData("""{"maxLength":-1}""", "`/maxLength`: must be a whole number of at least 0")]
    [InlineData("""{"minLength":1.5}""", "`/minLength`: must be a whole number of at least 0")]
    [InlineData("""{"maxItems":"1"}""", "`/maxItems`: must be a number")]
    [InlineData("""{"minItems":-1}""", "`/minItems`: must be a whole number")]
    [InlineData("""{"maxProperties":-1}""", "`/maxProperties`: must be a whole number")]
    [InlineData("""{"minProperties":1e400}""", "`/minProperties`: holds a number that is not exact")]
    [InlineData("""{"contains":true,"minContains":-1}""", "`/minContains`: must be a whole number")]
    [InlineData("""{"contains":true,"maxContains":"1"}""", "`/maxContains`: must be a number")]
    [InlineData("""{"uniqueItems":"yes"}""", "`/uniqueItems`: must be true or false")]
    [InlineData("""{"pattern":5}""", "`/pattern`: must be a string")]
    [InlineData("""{"pattern":"(?=a)"}""", "`/pattern`: `(?=a` at character 1 looks around")]
    [InlineData("""{"properties":{"a/b~":{"pattern":"("}}}""", "`/properties/a~1b~0/pattern`: the group opened")]
    [InlineData("""{"patternProperties":{"(":true}}""", "`/patternProperties/(`: the group opened")]
    [InlineData("""{"patternProperties":[]}""", "`/patternProperties`: must be an object")]
    [InlineData("""{"properties":[]}""", "`/properties`: must be an object")]
    [InlineData("""{"properties":{"a":1}}""", "`/properties/a`: must be an object or a boolean")]
    [InlineData("""{"properties":{"a":true,"a":false}}""", "`/properties/a`: stands twice")]
    [InlineData("""{"$defs":{"x":true,"x":false}}""", "`/$defs/x`: stands twice")]
    [InlineData("""{"type":"object","type":"string"}""", "`/type`: stands twice")]
    [InlineData("""{"additionalProperties":"no"}""", "`/additionalProperties`: must be an object or a boolean")]
    [InlineData("""{"propertyNames":[]}""", "`/propertyNames`: must be an object or a boolean")]
    [InlineData("""{"required":true}""", "`/required`: must be an array of names")]
    [InlineData("""{"required":["a",1]}""", "`/required`: must be an array of names")]
    [InlineData("""{"dependentRequired":{"a":"b"}}""", "`/dependentRequired/a`: must be an array of names")]
    [InlineData("""{"dependentRequired":{"a":["b"],"a":["c"]}}""", "`/dependentRequired/a`: stands twice")]
    [InlineData("""{"items":{"items":[true]}}""", "`/items/items`: must be an object or a boolean; in 2020-12 the schemas of a tuple stand in `prefixItems`")]
    [InlineData("""{"dependentRequired":[]}""", "`/dependentRequired`: must be an object")]
    [InlineData("""{"dependentSchemas":{"a":["b"]}}""", "`/dependentSchemas/a`: must be an object or a boolean")]
    [InlineData("""{"allOf":[]}""", "`/allOf`: must hold at least one schema")]
    [InlineData("""{"anyOf":{}}""", "`/anyOf`: must be an array")]
    [InlineData("""{"oneOf":[1]}""", "`/oneOf/0`: must be an object or a boolean")]
    [InlineData("""{"not":null}""", "`/not`: must be an object or a boolean")]
    [InlineData("""{"if":1}""", "`/if`: must be an object or a boolean")]
    [InlineData("""{"if":true,"then":1}""", "`/then`: must be an object or a boolean")]
    [InlineData("""{"items":[true]}""", "`/items`: must be an object or a boolean; in 2020-12 the schemas of a tuple stand in `prefixItems`")]
    [InlineData("""{"items":5}""", "`/items`: must be an object or a boolean")]
    [InlineData("""{"prefixItems":true}""", "`/prefixItems`: must be an array")]
    [InlineData("""{"prefixItems":[]}""", "`/prefixItems`: must hold at least one schema")]
    [InlineData("""{"contains":1}""", "`/contains`: must be an object or a boolean")]
    [InlineData("""{"unevaluatedItems":1}""", "`/unevaluatedItems`: must be an object or a boolean")]
    [InlineData("""{"unevaluatedProperties":[]}""", "`/unevaluatedProperties`: must be an object or a boolean")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":[1]}}""", "`/dependencies/a`: must be an array of names")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","items":[1]}""", "`/items/0`: must be an object or a boolean")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","items":[],"additionalItems":1}""", "`/additionalItems`: must be an object or a boolean")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#"}""", "refers to itself")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"$id":"#x"},"b":{"$id":"#x"}}}""", "`/definitions/b/$id`: the name stands twice")]
    [InlineData("""{"pattern":"\ud800"}""", "the schema holds text that is not Unicode")]
    [InlineData("""{"properties":{"\ud800":true}}""", "the schema holds text that is not Unicode")]
    public void Compile_WhatCannotBeJudged_IsAFaultWithItsPlace(string text, string says)
    {
        var schema = InputSchema.Compile(JsonElement.Parse(text));

        Assert.Contains(says, schema.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', schema.Fault!);
        Assert.NotNull(schema.Check(JsonElement.Parse("{}")));
    }

    [Theory]
    [InlineData("""{"$defs":{"x":{"pattern":"(?=a)","$ref":"http://elsewhere.test","type":"int"}}}""")]
    [InlineData("""{"then":{"type":"int"},"else":5}""")]
    [InlineData("""{"minContains":-1}""")]
    [InlineData("""{"definitions":{"a":7},"$defs":{"b":[]}}""")]
    [InlineData("""{"properties":{"$ref":{"type":"string"},"enum":{"type":"string"}},"default":{"$ref":"http://elsewhere.test"}}""")]
    [InlineData("""{"enum":[{"$id":5,"$ref":7,"$anchor":1}]}""")]
    [InlineData("""{"type":["string","string"]}""")]
    [InlineData("""{"$id":"","$schema":"https://json-schema.org/draft/2020-12/schema#"}""")]
    [InlineData("""{"items":{"$ref":"#"},"properties":{"a":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}""")]
    public void Compile_WhatIsNeverReachedOrOnlyTold_IsNoFault(string text) =>
        Assert.Null(InputSchema.Compile(JsonElement.Parse(text)).Fault);

    [Fact]
    public void Fault_DeepInTheDocument_NamesTheWholePointer()
    {
        var text = string.Concat(Enumerable.Repeat("{\"properties\":{\"member\":", 12)) + "{\"type\":1}" + string.Concat(Enumerable.Repeat("}}", 12));

        var fault = InputSchema.Compile(JsonElement.Parse(text)).Fault;
        Assert.Contains(string.Concat(Enumerable.Repeat("/properties/member", 12)) + "/type`", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_NoSchema_IsAFault()
    {
        Assert.NotNull(InputSchema.Compile(default).Fault);
        Assert.NotNull(InputSchema.Compile(default).Check(default));
    }

    [Fact]
    public void Compile_DepthAndSize_EndWhereTheyShould()
    {
        var options = new JsonDocumentOptions { MaxDepth = 2_000 };
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"not\":", depth)) + "{}" + new string('}', depth);
        string Wide(int count) => $$"""{"allOf":[{{string.Join(',', Enumerable.Repeat("true", count))}}]}""";
        string Constant(int depth) => "{\"const\":" + new string('[', depth) + new string(']', depth) + "}";
        string Members(int depth) => "{\"const\":" + string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth + 1);
        string? Fault(string text) => InputSchema.Compile(JsonElement.Parse(text, options)).Fault;

        Assert.Null(Fault(Nested(128)));
        Assert.Contains("deeper than 128", Fault(Nested(129)), StringComparison.Ordinal);
        Assert.Null(Fault(Wide(9_999)));
        Assert.Contains("more than 10,000 schemas", Fault(Wide(10_000)), StringComparison.Ordinal);
        Assert.Null(Fault(Constant(129)));
        Assert.Contains("deeper than 128", Fault(Constant(130)), StringComparison.Ordinal);
        Assert.Null(Fault(Members(128)));
        Assert.Contains("deeper than 128", Fault(Members(129)), StringComparison.Ordinal);
        Assert.Contains("4,096 names", Fault($$"""{"required":[{{string.Join(',', Enumerable.Range(0, 4_097).Select(i => $"\"{i}\""))}}]}"""), StringComparison.Ordinal);
        Assert.Null(Fault($$"""{"required":[{{string.Join(',', Enumerable.Range(0, 4_096).Select(i => $"\"{i}\""))}}]}"""));
        var patterns = string.Join(',', Enumerable.Range(0, 60).Select(i => $"{{\"pattern\":\"[a-z]{{900}}{i}\"}}"));
        Assert.Contains("too large together", Fault($$"""{"allOf":[{{patterns}}]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_AChainOfReferences_NeedsNoStack()
    {
        var chain = string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"d{i}\":{{\"$ref\":\"#/definitions/d{i + 1}\"}}"));
        var text = $$$"""{"$schema":"{{{Old}}}","definitions":{{{{chain}}},"d5000":true},"items":{"$ref":"#/definitions/d0"}}""";

        var schema = InputSchema.Compile(JsonElement.Parse(text));
        Assert.Null(schema.Fault);
        Assert.Contains("within bounds", schema.Check(JsonElement.Parse("[1]"))?.Expected, StringComparison.Ordinal);
    }
}
