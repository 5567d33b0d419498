using System.Text.Json;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>Every keyword with values that fit and values that do not, as two JSON arrays.</summary>
public sealed class KeywordTests
{
    [Theory]
    [InlineData("true", """[null, 1, {}]""", "[]")]
    [InlineData("false", "[]", """[null, 1, {}, [], "", true]""")]
    [InlineData("{}", """[null, 1, {}]""", "[]")]
    [InlineData("""{"type":"integer"}""", "[0, -5, 12.0, 1e2, 120e-1, -0.0, 1e28]", """["12", true, 1.5, null, [1], {}, 1e-1, 1e29, 10000000000000000000000000001]""")]
    [InlineData("""{"type":"number"}""", "[0, 1.5, 1e400, -3]", """["1", true, null, [], {}]""")]
    [InlineData("""{"type":"string"}""", """["", "12"]""", "[12, true, null, [], {}]")]
    [InlineData("""{"type":"boolean"}""", "[true, false]", """["true", 1, 0, null, [], {}]""")]
    [InlineData("""{"type":"null"}""", "[null]", """["", 0, false, [], {}, "null"]""")]
    [InlineData("""{"type":"array"}""", "[[], [1]]", """["[]", {}, null, 1]""")]
    [InlineData("""{"type":"object"}""", """[{}, {"a":1}]""", """["{}", [], null, 1]""")]
    [InlineData("""{"type":["integer","null"]}""", "[1, null, 2.0]", """["1", 1.5, true]""")]
    [InlineData("""{"type":["integer","number"]}""", "[1, 1.5, 1e400]", """["1"]""")]
    [InlineData("""{"enum":["a",1,null,true,[1,"x"],{"b":[2],"c":1.0}]}""", """["a", 1, 1.0, 10e-1, null, true, [1.0,"x"], {"c":1,"b":[2]}, "\u0061"]""", """["A", "b", 2, "1", false, ["x",1], [1], [1,"x",1], {"b":[2]}, {"b":[2],"c":1,"d":0}, {"b":[2],"c":"1"}, {}, [], 0, 1e400]""")]
    [InlineData("""{"enum":[]}""", "[]", """[null, 1, "a", {}]""")]
    [InlineData("""{"enum":[0,false]}""", "[0, -0, 0.0, false]", """["", null, true, 0.1, []]""")]
    [InlineData("""{"enum":[{"a":1},{"a":2}]}""", """[{"a":2}, {"a":1}]""", """[{"a":3}, {"b":1}, {"a":1e400}]""")]
    [InlineData("""{"enum":["1","2","3","4","5","6","7","8","9"]}""", """["1", "9"]""", """["10", "", 1]""")]
    [InlineData("""{"const":0}""", "[0, -0.0, 0e5]", "[1e400, 1e-400, 12345678901234567890123456789, false, null]")]
    [InlineData("""{"enum":[0,1]}""", "[0, 1]", "[1e400, 1e-400]")]
    [InlineData("""{"const":12}""", "[12, 12.0, 1.2e1, 120e-1]", """["12", 13, 12.1, null, true]""")]
    [InlineData("""{"const":"é"}""", """["é", "\u00e9"]""", """["e\u0301", "E", ""]""")]
    [InlineData("""{"const":{"a":{"b":[]}}}""", """[{"a":{"b":[]}}]""", """[{"a":{"b":{}}}, {"a":{}}, {}]""")]
    [InlineData("""{"const":false}""", "[false]", "[0, null, true]")]
    [InlineData("""{"const":null}""", "[null]", """[0, false, ""]""")]
    [InlineData("""{"multipleOf":0.01}""", """[0, 19.99, -3, 1e28, "x", null]""", "[0.001, 19.999, 1e-28, 1e400]")]
    [InlineData("""{"multipleOf":3}""", "[0, 3, -6, 9.0, 3e5]", "[1, 4, 3.5, 1e28]")]
    [InlineData("""{"maximum":5}""", """[5, 4.99, -1e28, "6", null]""", "[5.0000000000000000001, 6, 1e28, 1e29, -1e29]")]
    [InlineData("""{"exclusiveMaximum":5}""", """[4.9999999999999999999, "6"]""", "[5, 5.0, 6]")]
    [InlineData("""{"minimum":-2.5}""", """[-2.5, 0, 1e28, "-3"]""", "[-2.50001, -3]")]
    [InlineData("""{"exclusiveMinimum":-2.5}""", """[-2.49, "-3"]""", "[-2.5, -3]")]
    [InlineData("""{"minimum":0,"maximum":10,"multipleOf":2}""", "[0, 2, 10]", "[-2, 12, 3]")]
    [InlineData("""{"maxLength":2}""", """["", "ab", "😀😀", "\u00e9\u00e9", "\ud83d\ude00é", 123, [1,2,3]]""", """["abc", "😀😀a", "\ud83d\ude00\u00e9a"]""")]
    [InlineData("""{"minLength":2.0}""", """["ab", "😀😀", "\n\n", 1]""", """["", "a", "😀", "\n"]""")]
    [InlineData("""{"minLength":1,"maxLength":1}""", """["a", "😀"]""", """["", "ab"]""")]
    [InlineData("""{"maxLength":0}""", """[""]""", """["a"]""")]
    [InlineData("""{"maxLength":1e20}""", """["abc"]""", "[]")]
    [InlineData("""{"pattern":"b+"}""", """["abc", "xb", 12, null, {}]""", """["", "ac", "B"]""")]
    [InlineData("""{"pattern":"^a.c$"}""", """["abc", "a😀c", "a\u0022c"]""", """["abc\n", "a\nc", "ac", "xabc"]""")]
    [InlineData("""{"items":{"type":"string"}}""", """[[], ["a","b"], "x", {"a":1}]""", """[[1], ["a",1], [null]]""")]
    [InlineData("""{"items":false}""", "[[], 1]", "[[1]]")]
    [InlineData("""{"items":true}""", "[[], [1]]", "[]")]
    [InlineData("""{"contains":{"type":"integer"}}""", """[[1], ["a",2.0], "x", {}]""", """[[], ["a"], [1.5]]""")]
    [InlineData("""{"contains":false}""", """["x"]""", "[[], [1]]")]
    [InlineData("""{"maxItems":2}""", """[[], [1,2], "abc"]""", "[[1,2,3]]")]
    [InlineData("""{"minItems":2}""", """[[1,2], [1,2,3], ""]""", "[[], [1]]")]
    [InlineData("""{"uniqueItems":true}""", """[[], [1], [1,2], [1,"1"], [0,false], [[1],[2]], [{"a":1},{"a":2}], "aa", [null,false,0,"",[],{}], [[1,2],[2,1]]]""", """[[1,1], [1,2,1.0], ["a","\u0061"], [null,null], [[1],[1.0]], [{"a":1,"b":2},{"b":2,"a":1}], [true,1,true], [1e400,1]]""")]
    [InlineData("""{"uniqueItems":false}""", "[[1,1]]", "[]")]
    [InlineData("""{"properties":{"a":{"type":"integer"},"b":false}}""", """[{}, {"a":1}, {"c":"x"}, [], "a", {"\u0061":2}]""", """[{"a":"1"}, {"b":1}, {"a":1,"b":null}, {"\u0061":"1"}]""")]
    [InlineData("""{"patternProperties":{"^x_":{"type":"integer"},"y$":{"minimum":5}}}""", """[{}, {"x_a":1}, {"a":"b"}, {"x_y":5}, {"y":"s"}]""", """[{"x_a":"1"}, {"x_y":4}, {"y":1}, {"x_y":"a"}, {"\u0078_":"a"}]""")]
    [InlineData("""{"properties":{"a":true},"patternProperties":{"^x":true},"additionalProperties":false}""", """[{}, {"a":1}, {"x1":1}, {"a":1,"x":2}, []]""", """[{"b":1}, {"a":1,"b":2}, {"A":1}]""")]
    [InlineData("""{"properties":{"a":true},"additionalProperties":{"type":"string"}}""", """[{"a":1}, {"b":"x"}]""", """[{"b":1}]""")]
    [InlineData("""{"additionalProperties":false}""", "[{}, 1]", """[{"a":1}]""")]
    [InlineData("""{"propertyNames":{"maxLength":2}}""", """[{}, {"ab":1}, {"😀é":1}, "abc"]""", """[{"abc":1}, {"ab":1,"cde":2}, {"\u0061\u0062c":1}]""")]
    [InlineData("""{"propertyNames":false}""", "[{}, []]", """[{"a":1}]""")]
    [InlineData("""{"propertyNames":{"enum":["a","\""]}}""", """[{"a":1}, {"\"":1}]""", """[{"b":1}]""")]
    [InlineData("""{"required":["a","b"]}""", """[{"a":1,"b":null}, {"b":1,"a":2,"c":3}, [], "x"]""", """[{}, {"a":1}, {"b":1}, {"A":1,"b":1}]""")]
    [InlineData("""{"required":["a","a"]}""", """[{"a":1}]""", "[{}]")]
    [InlineData("""{"required":[]}""", "[{}, 1]", "[]")]
    [InlineData("""{"maxProperties":1}""", """[{}, {"a":1}, [1,2]]""", """[{"a":1,"b":2}]""")]
    [InlineData("""{"minProperties":1}""", """[{"a":1}, []]""", "[{}]")]
    [InlineData("""{"allOf":[{"minimum":2},{"maximum":4}]}""", """[2, 4, "x"]""", "[1, 5]")]
    [InlineData("""{"anyOf":[{"type":"string"},{"minimum":2}]}""", """["a", 2, null]""", "[1, 1.9]")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", """[1, 2.5, "x"]""", "[2, 3, 1.5]")]
    [InlineData("""{"oneOf":[true,true]}""", "[]", "[1]")]
    [InlineData("""{"not":{"type":"integer"}}""", """["1", 1.5, null]""", "[1, 2.0, 1e400]")]
    [InlineData("""{"not":{"not":{"type":"integer"}}}""", "[1]", """["1"]""")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}""", """[{"a":1,"b":1}, {"c":1}, 5]""", """[{"a":1}, {}, {"a":1,"c":1}, {"b":1}]""")]
    [InlineData("""{"if":{"type":"integer"},"then":{"minimum":5}}""", """[5, "x"]""", "[4]")]
    [InlineData("""{"if":{"type":"integer"},"else":{"type":"string"}}""", """[1, "x"]""", "[null]")]
    [InlineData("""{"then":false,"else":false}""", "[1]", "[]")]
    [InlineData("""{"if":false}""", "[1]", "[]")]
    [InlineData("""{"properties":{"a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"type":"integer"}}}""", """[{"a":1}]""", """[{"a":"1"}]""")]
    [InlineData("""{"properties":{"next":{"$ref":"#"}},"additionalProperties":false}""", """[{}, {"next":{"next":{}}}]""", """[{"x":1}, {"next":{"next":{"x":1}}}]""")]
    [InlineData("""{"properties":{"a b/c~d%\"é":{"type":"integer"},"r":{"$ref":"#/properties/a%20b~1c~0d%25%22%C3%A9"}}}""", """[{"r":1}]""", """[{"r":"1"}]""")]
    [InlineData("""{"allOf":[{"$ref":"#/allOf/1"},{"type":"integer"}]}""", "[1]", """["1"]""")]
    [InlineData("""{"x-parts":{"n":{"type":"integer"}},"items":{"$ref":"#/x-parts/n"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$id":"https://example.test/tool.json","items":{"$ref":"tool.json#/definitions/n"},"definitions":{"n":{"type":"integer"}}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"items":{"$ref":"n.json"},"definitions":{"x":{"$id":"n.json","items":{"$ref":"#"},"type":"array"}}}""", "[[[]], [[[]]]]", "[[1], [[1]]]")]
    [InlineData("""{"$id":"urn:uuid:6f5c1de8-0d57-44c8-b8a4-8f5fd8ed3a3a","items":{"$ref":"#/definitions/n"},"definitions":{"n":{"type":"integer"}}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"title":5,"description":[],"default":1e999,"examples":"x","$comment":1,"format":7,"x-own":{"$ref":"http://nowhere"},"deprecated":"no","contentEncoding":1}""", "[1]", "[]")]
    [InlineData("""{"format":"email","readOnly":true,"type":"string"}""", """["not an address"]""", "[1]")]
    public void Check_InBothDialects_JudgesAsWritten(string schema, string fits, string fails)
    {
        foreach (var dialect in Dialects.All)
        {
            Verify(Dialects.In(dialect, schema), fits, fails);
        }
    }

    [Theory]
    [InlineData("""{"prefixItems":[{"type":"integer"},{"type":"string"}]}""", """[[], [1], [1,"a"], [1,"a",null], "x"]""", """[["a"], [1,2]]""")]
    [InlineData("""{"prefixItems":[true],"items":false}""", "[[], [1]]", "[[1,2]]")]
    [InlineData("""{"prefixItems":[true],"items":{"type":"integer"}}""", """[["a",1,2]]""", """[["a","b"]]""")]
    [InlineData("""{"items":{"type":"integer"},"additionalItems":false}""", "[[1,2]]", """[["a"]]""")]
    [InlineData("""{"contains":{"const":1},"minContains":2}""", "[[1,1], [1,2,1.0]]", "[[1], [], [1,2]]")]
    [InlineData("""{"contains":{"const":1},"maxContains":2}""", "[[1], [1,1,2]]", "[[], [1,1,1]]")]
    [InlineData("""{"contains":{"const":1},"minContains":0}""", "[[], [2]]", "[]")]
    [InlineData("""{"contains":{"const":1},"minContains":0,"maxContains":1}""", "[[], [1]]", "[[1,1]]")]
    [InlineData("""{"minContains":5,"maxContains":0}""", "[[], [1]]", "[]")]
    [InlineData("""{"dependentRequired":{"a":["b","c"],"d":[]}}""", """[{}, {"b":1}, {"a":1,"b":1,"c":1}, {"d":1}, []]""", """[{"a":1}, {"a":1,"b":1}, {"a":1,"c":1}]""")]
    [InlineData("""{"dependentSchemas":{"a":{"required":["b"]},"c":false}}""", """[{}, {"b":1}, {"a":1,"b":1}, "a"]""", """[{"a":1}, {"c":1}]""")]
    [InlineData("""{"dependencies":{"a":["b"]}}""", """[{"a":1}]""", "[]")]
    [InlineData("""{"$defs":{"n":{"$anchor":"num","type":"integer"}},"items":{"$ref":"#num"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$defs":{"n":{"type":"integer"}},"items":{"$ref":"#/$defs/n","minimum":3}}""", "[[3]]", """[["3"], [2]]""")]
    [InlineData("""{"$defs":{"n":{"$dynamicAnchor":"num","type":"integer"}},"items":{"$ref":"#num"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$dynamicAnchor":"node","properties":{"next":{"$dynamicRef":"#node"}},"additionalProperties":false}""", """[{"next":{}}]""", """[{"next":{"x":1}}]""")]
    [InlineData("""{"$defs":{"n":{"$anchor":"num","type":"integer"}},"items":{"$dynamicRef":"#num"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$defs":{"n":{"type":"integer"}},"items":{"$dynamicRef":"#/$defs/n"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$defs":{"a":{"$id":"https://example.test/a","$defs":{"x":{"$anchor":"x","type":"integer"}}},"b":{"$anchor":"x","type":"string"}},"items":{"$ref":"#x"},"properties":{"p":{"$ref":"https://example.test/a#x"}}}""", """[["s"], {"p":1}]""", """[[1], {"p":"s"}]""")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"required":["a"]}},"maxProperties":1}""", """[{"a":1}]""", """[{}, {"a":1,"b":1}]""")]
    [InlineData("""{"properties":{"a":true},"unevaluatedProperties":false}""", """[{}, {"a":1}, []]""", """[{"b":1}, {"a":1,"b":1}]""")]
    [InlineData("""{"unevaluatedProperties":{"type":"integer"}}""", """[{}, {"a":1}]""", """[{"a":"1"}]""")]
    [InlineData("""{"allOf":[{"properties":{"a":true}},{"patternProperties":{"^x":true}}],"unevaluatedProperties":false}""", """[{"a":1,"x1":2}]""", """[{"b":1}]""")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"properties":{"a":true}}},"unevaluatedProperties":false}""", """[{"a":1}]""", """[{"b":1}]""")]
    [InlineData("""{"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":true},"required":["b"]}],"unevaluatedProperties":false}""", """[{"a":1}, {"b":1}, {"a":1,"b":1}]""", """[{"a":2,"b":1}, {"a":1,"c":1}]""")]
    [InlineData("""{"oneOf":[{"properties":{"a":true},"required":["a"]},{"properties":{"b":true},"required":["b"]}],"unevaluatedProperties":false}""", """[{"a":1}, {"b":1}]""", """[{"a":1,"b":1}, {"a":1,"c":1}]""")]
    [InlineData("""{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"properties":{"b":true}},"else":{"properties":{"c":true}},"unevaluatedProperties":false}""", """[{"a":1,"b":1}, {"c":1}, {}]""", """[{"a":1,"c":1}, {"a":2}, {"b":1}]""")]
    [InlineData("""{"if":{"properties":{"a":true}},"unevaluatedProperties":false}""", """[{"a":1}]""", """[{"b":1}]""")]
    [InlineData("""{"not":{"not":{"properties":{"a":true}}},"unevaluatedProperties":false}""", "[{}]", """[{"a":1}]""")]
    [InlineData("""{"dependentSchemas":{"a":{"properties":{"b":true}}},"properties":{"a":true},"unevaluatedProperties":false}""", """[{"a":1,"b":1}, {"a":1}]""", """[{"b":1}]""")]
    [InlineData("""{"properties":{"a":true},"allOf":[{"unevaluatedProperties":false}]}""", "[{}]", """[{"a":1}]""")]
    [InlineData("""{"allOf":[{"unevaluatedProperties":true}],"unevaluatedProperties":false}""", """[{"a":1}]""", "[]")]
    [InlineData("""{"additionalProperties":true,"unevaluatedProperties":false}""", """[{"a":1}]""", "[]")]
    [InlineData("""{"properties":{"o":{"properties":{"a":true}}},"unevaluatedProperties":false}""", """[{"o":{"z":1}}]""", """[{"a":1}]""")]
    [InlineData("""{"prefixItems":[true],"unevaluatedItems":false}""", "[[], [1], {}]", "[[1,2]]")]
    [InlineData("""{"items":true,"unevaluatedItems":false}""", "[[1,2]]", "[]")]
    [InlineData("""{"unevaluatedItems":{"type":"integer"}}""", "[[], [1]]", """[["1"]]""")]
    [InlineData("""{"contains":{"type":"string"},"unevaluatedItems":false}""", """[["a","b"]]""", """[["a",1]]""")]
    [InlineData("""{"allOf":[{"unevaluatedItems":true}],"unevaluatedItems":false}""", "[[], [1,2]]", "[]")]
    [InlineData("""{"allOf":[{"unevaluatedItems":{"type":"integer"}}],"unevaluatedItems":false}""", "[[1,2]]", """[["1"], [1,"2"]]""")]
    [InlineData("""{"anyOf":[{"contains":{"type":"string"}}],"unevaluatedItems":{"type":"integer"}}""", """[["a",1], [1,"a"]]""", """[[1], ["a",null]]""")]
    [InlineData("""{"allOf":[{"prefixItems":[true,true]}],"unevaluatedItems":false}""", "[[1,2]]", "[[1,2,3]]")]
    [InlineData("""{"anyOf":[{"prefixItems":[{"const":1}]},{"prefixItems":[true,{"const":2}]}],"unevaluatedItems":false}""", "[[1], [5,2], [1,2]]", "[[1,3], [1,2,3]]")]
    [InlineData("""{"definitions":{"n":{"type":"integer"}},"items":{"$ref":"#/definitions/n"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$recursiveRef":"#","$recursiveAnchor":true}""", "[1]", "[]")]
    public void Check_In202012_JudgesAsWritten(string schema, string fits, string fails)
    {
        Verify(schema, fits, fails);
        Verify(Dialects.In("https://json-schema.org/draft/2020-12/schema", schema), fits, fails);
    }

    [Theory]
    [InlineData("""{"items":[{"type":"integer"},{"type":"string"}]}""", """[[], [1], [1,"a"], [1,"a",null], "x"]""", """[["a"], [1,2]]""")]
    [InlineData("""{"items":[true],"additionalItems":false}""", "[[], [1]]", "[[1,2]]")]
    [InlineData("""{"items":[],"additionalItems":{"type":"integer"}}""", "[[], [1]]", """[["a"]]""")]
    [InlineData("""{"items":[true],"additionalItems":{"type":"integer"}}""", """[["a",1,2]]""", """[["a","b"]]""")]
    [InlineData("""{"items":{"type":"integer"},"additionalItems":false}""", "[[1,2]]", """[["a"]]""")]
    [InlineData("""{"additionalItems":false}""", "[[1]]", "[]")]
    [InlineData("""{"prefixItems":[false],"unevaluatedItems":false,"unevaluatedProperties":false,"dependentRequired":{"a":["b"]},"dependentSchemas":{"a":false}}""", """[[1], {"a":1}]""", "[]")]
    [InlineData("""{"contains":{"const":1},"minContains":2,"maxContains":0}""", "[[1], [1,1]]", "[[], [2]]")]
    [InlineData("""{"dependencies":{"a":["b"],"c":{"required":["d"]},"e":false,"f":[]}}""", """[{}, {"b":1}, {"a":1,"b":1}, {"c":1,"d":1}, {"f":1}, 5]""", """[{"a":1}, {"c":1}, {"e":1}]""")]
    [InlineData("""{"definitions":{"n":{"type":"integer"}},"items":{"$ref":"#/definitions/n","minimum":3,"type":"string"}}""", "[[1]]", """[["3"]]""")]
    [InlineData("""{"$ref":"#/definitions/n","definitions":{"n":{"required":["a"]}},"maxProperties":0}""", """[{"a":1,"b":2}]""", "[{}]")]
    [InlineData("""{"definitions":{"n":{"$id":"#num","type":"integer"}},"items":{"$ref":"#num"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$id":"#whole","items":{"$ref":"#whole"},"type":"array"}""", "[[[]]]", "[[1]]")]
    [InlineData("""{"$defs":{"n":{"type":"integer"}},"items":{"$ref":"#/$defs/n"}}""", "[[1]]", """[["1"]]""")]
    [InlineData("""{"$anchor":7,"$dynamicRef":"http://nowhere","$dynamicAnchor":{}}""", "[1]", "[]")]
    [InlineData("""{"definitions":{"b":{"$id":"https://example.test/b","type":"integer"},"a":{"$id":"https://example.test/a","$ref":"https://example.test/b"}},"items":{"$ref":"#/definitions/a"}}""", "[[1]]", """[["1"]]""")]
    public void Check_InDraft07_JudgesAsWritten(string schema, string fits, string fails)
    {
        Verify(Dialects.In("http://json-schema.org/draft-07/schema#", schema), fits, fails);
        Verify(Dialects.In("https://json-schema.org/draft-07/schema", schema), fits, fails);
    }

    [Theory]
    [InlineData("\"12\"")]
    [InlineData("true")]
    [InlineData("\" 12 \"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("12.5")]
    [InlineData("[12]")]
    public void Check_WhatAServerWouldConvert_IsRefused(string value)
    {
        var schema = Dialects.Compile("""{"type":"object","properties":{"run_id":{"type":"integer"}},"required":["run_id"]}""");

        Assert.Equal("args.run_id", schema.Check(JsonElement.Parse($$"""{"run_id":{{value}}}"""))?.Argument);
        Assert.Null(schema.Check(JsonElement.Parse("""{"run_id":12}""")));
        Assert.Equal("args.run_id", schema.Check(default)?.Argument);
    }

    [Fact]
    public void Check_TextOfAnArray_IsNoArray()
    {
        var schema = Dialects.Compile("""{"type":"object","properties":{"paths":{"type":"array","items":{"type":"string"}}}}""");

        Assert.NotNull(schema.Check(JsonElement.Parse("""{"paths":"[\"a\"]"}""")));
        Assert.Null(schema.Check(JsonElement.Parse("""{"paths":["a"]}""")));
    }

    [Fact]
    public void Check_WideObjects_FindEveryName()
    {
        var names = Enumerable.Range(0, 200).Select(i => $"n{i}").ToList();
        var required = string.Join(',', names.Select(name => $"\"{name}\""));
        var properties = string.Join(',', names.Select(name => $"\"{name}\":" + """{"type":"integer"}"""));
        var schema = Dialects.Compile("""{"additionalProperties":false,"required":[""" + required + """],"properties":{""" + properties + "}}");
        string Arguments(string? without, string value) =>
            "{" + string.Join(',', names.Where(name => name != without).Select(name => $"\"{name}\":{value}")) + "}";

        Assert.Null(schema.Check(JsonElement.Parse(Arguments(null, "1"))));
        foreach (var name in names)
        {
            Assert.Equal($"args.{name}", schema.Check(JsonElement.Parse(Arguments(name, "1")))?.Argument);
        }

        Assert.Equal("args.n0", schema.Check(JsonElement.Parse(Arguments(null, "\"1\"")))?.Argument);
    }

    [Fact]
    public void Compile_DocumentIsDisposedAfterwards_GoesOnJudging()
    {
        InputSchema schema;
        using (var document = JsonDocument.Parse("""{"properties":{"a":{"enum":["x",[1]],"pattern":"x"}}}"""))
        {
            schema = InputSchema.Compile(document.RootElement);
        }

        Assert.Null(schema.Check(JsonElement.Parse("""{"a":[1]}""")));
        Assert.NotNull(schema.Check(JsonElement.Parse("""{"a":[2]}""")));
    }

    private static void Verify(string text, string fits, string fails)
    {
        var schema = Dialects.Compile(text);
        foreach (var value in JsonElement.Parse(fits).EnumerateArray())
        {
            Assert.True(schema.Check(value) is null, $"{text} refuses {value.GetRawText()}: {schema.Check(value)?.Text}");
        }

        foreach (var value in JsonElement.Parse(fails).EnumerateArray())
        {
            var mismatch = schema.Check(value);
            Assert.True(mismatch is not null, $"{text} accepts {value.GetRawText()}");
            Assert.StartsWith("args", mismatch.Argument, StringComparison.Ordinal);
            Assert.NotEmpty(mismatch.Expected);
            Assert.NotEmpty(mismatch.Came);
        }
    }
}
