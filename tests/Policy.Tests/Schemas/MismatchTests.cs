using System.Text.Json;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>What is told of arguments that do not fit: which, what was expected, what came.</summary>
public sealed class MismatchTests
{
    [Theory]
    [InlineData("""{"properties":{"n":{"maximum":5,"exclusiveMaximum":6}}}""", """{"n":6}""", "argument `n`: expected a number of at most 5, got the number 6")]
    [InlineData("""{"properties":{"n":{"maximum":5,"exclusiveMaximum":5}}}""", """{"n":5}""", "argument `n`: expected a number below 5, got the number 5")]
    [InlineData("""{"properties":{"n":{"minimum":5,"exclusiveMinimum":5}}}""", """{"n":5}""", "argument `n`: expected a number above 5, got the number 5")]
    [InlineData("""{"properties":{"n":{"maximum":6,"multipleOf":4}}}""", """{"n":6}""", "argument `n`: expected a multiple of 4, got the number 6")]
    [InlineData("""{"properties":{"n":{"minimum":6,"multipleOf":4}}}""", """{"n":6}""", "argument `n`: expected a multiple of 4, got the number 6")]
    [InlineData("""{"properties":{"n":{"anyOf":[{"minimum":5},{"multipleOf":7},{"exclusiveMinimum":6},{"const":3}]}}}""", """{"n":4}""", "argument `n`: expected a number of at least 5 or a multiple of 7 or a number above 6 or 3, got the number 4")]
    [InlineData("""{"properties":{"n":{"anyOf":[{"minimum":5},{"multipleOf":7},{"exclusiveMinimum":6},{"const":3},{"const":2}]}}}""", """{"n":4}""", "argument `n`: expected a value that fits one of 5 alternatives, got the number 4")]
    [InlineData("""{"properties":{"n":{"oneOf":[{"minimum":5},{"multipleOf":7}]}}}""", """{"n":4}""", "argument `n`: expected a number of at least 5 or a multiple of 7, got the number 4")]
    [InlineData("""{"properties":{"n":{"oneOf":[{"minimum":5},{"multipleOf":7},{"type":"string"}]}}}""", """{"n":7}""", "argument `n`: expected a value that fits only one of 3 alternatives, not several, got the number 7")]
    [InlineData("""{"minLength":2}""", "\"a\"", "the arguments: expected a string of at least 2 characters, got the string \"a\"")]
    [InlineData("""{"required":["a","b","c"]}""", """{"a":1,"b":1}""", "argument `c`: expected a value (required), got nothing")]
    [InlineData("""{"required":["a","b","c"]}""", """{"c":1,"a":1}""", "argument `b`: expected a value (required), got nothing")]
    [InlineData("""{"unevaluatedProperties":{"type":"string"}}""", """{"a":"x","b":1}""", "argument `b`: expected a string, got the number 1")]
    [InlineData("""{"additionalProperties":{"properties":{"n":{"type":"string"}}}}""", """{"a":{"n":"x"},"b":{"n":1}}""", "argument `b.n`: expected a string, got the number 1")]
    [InlineData("""{"unevaluatedItems":{"type":"string"}}""", """["x",1]""", "argument `args[1]`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"a":{"unevaluatedItems":{"type":"string"}}}}""", """{"a":["x","y",1]}""", "argument `a[2]`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"o":{"minProperties":2}}}""", """{"o":{"a":1}}""", "argument `o`: expected an object with at least 2 members, got an object with 1 member")]
    [InlineData("""{"properties":{"o":{"maxProperties":1}}}""", """{"o":{"a":1,"b":2}}""", "argument `o`: expected an object with at most 1 member, got an object with 2 members")]
    [InlineData("""{"properties":{"a":{"contains":{"type":"string"},"maxContains":1}}}""", """{"a":["x","y"]}""", "argument `a`: expected an array with at most 1 item of the kind that `contains` asks for, got an array of 2 items")]
    [InlineData("""{"properties":{"a":{"contains":{"type":"string"},"minContains":2}}}""", """{"a":["x",1]}""", "argument `a`: expected an array with at least 2 items of the kind that `contains` asks for, got an array of 2 items")]
    [InlineData("""{"dependentRequired":{"a":["b c"]}}""", """{"a":1}""", "argument `args[\"b c\"]`: expected a value (required with `a`), got nothing")]
    [InlineData("""{"dependentRequired":{"a b":["c"]}}""", """{"a b":1}""", "argument `c`: expected a value (required with `\"a b\"`), got nothing")]
    [InlineData("""{"properties":{"s":{"type":"integer"}}}""", """{"s":"a\tb"}""", "argument `s`: expected an integer, got the string \"a\\u0009b\"")]
    [InlineData("""{"properties":{"s":{"type":"integer"}}}""", """{"s":"\udb40\udc01"}""", "argument `s`: expected an integer, got the string \"\\udb40\\udc01\"")]
    [InlineData("""{"properties":{"s":{"type":"integer"}}}""", """{"s":"a\\b"}""", "argument `s`: expected an integer, got the string \"a\\\\b\"")]
    [InlineData("""{"properties":{"s":{"const":"0123456789012345678901234567890123456789"}}}""", """{"s":0}""", "argument `s`: expected \"0123456789012345678901234567890123456789\", got the number 0")]
    [InlineData("""{"properties":{"s":{"const":"01234567890123456789012345678901234567890"}}}""", """{"s":0}""", "argument `s`: expected \"0123456789012345678901234567890123456789…\", got the number 0")]
    [InlineData("""{"properties":{"s":{"const":"012345678901234567890123456789012345678😀x"}}}""", """{"s":0}""", "argument `s`: expected \"012345678901234567890123456789012345678…\", got the number 0")]
    [InlineData("""{"properties":{"_a":{"type":"string"}}}""", """{"_a":1}""", "argument `_a`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"9":{"type":"string"}}}""", """{"9":1}""", "argument `args[\"9\"]`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"run_id":{"type":"integer"}}}""", """{"run_id":"12"}""", "argument `run_id`: expected an integer, got the string \"12\"")]
    [InlineData("""{"properties":{"run_id":{"type":"integer"}}}""", """{"run_id":true}""", "argument `run_id`: expected an integer, got the boolean true")]
    [InlineData("""{"properties":{"run_id":{"type":"integer"}}}""", """{"run_id":1.50}""", "argument `run_id`: expected an integer, got the number 1.50")]
    [InlineData("""{"properties":{"run_id":{"type":["integer","null"]}}}""", """{"run_id":[1]}""", "argument `run_id`: expected an integer or null, got an array of 1 item")]
    [InlineData("""{"type":"object"}""", "[1,2]", "the arguments: expected an object, got an array of 2 items")]
    [InlineData("""{"required":["run_id"]}""", "{}", "argument `run_id`: expected a value (required), got nothing")]
    [InlineData("""{"required":["a","b"]}""", """{"b":1}""", "argument `a`: expected a value (required), got nothing")]
    [InlineData("""{"properties":{"items":{"items":{"required":["name"]}}}}""", """{"items":[{"name":1},{},{}]}""", "argument `items[1].name`: expected a value (required), got nothing")]
    [InlineData("""{"properties":{"items":{"items":{"properties":{"name":{"type":"string"}}}}}}""", """{"items":[{},{},{"name":null}]}""", "argument `items[2].name`: expected a string, got null")]
    [InlineData("""{"items":{"type":"string"}}""", "[1]", "argument `args[0]`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"a b":{"type":"string"}}}""", """{"a b":1}""", "argument `args[\"a b\"]`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"a":{"properties":{"`\n\"":{"type":"string"}}}}}""", """{"a":{"`\n\"":1}}""", "argument `a[\"\\u0060\\u000a\\\"\"]`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"run_id":true},"additionalProperties":false}""", """{"run_ID":5}""", "argument `run_ID`: expected no argument of this name (did you mean `run_id`?), got the number 5")]
    [InlineData("""{"properties":{"run_id":true},"required":["name"],"additionalProperties":false}""", """{"nam":{}}""", "argument `nam`: expected no argument of this name, got an object with 0 members")]
    [InlineData("""{"properties":{"run_id":true},"unevaluatedProperties":false}""", """{"x":[]}""", "argument `x`: expected no argument of this name, got an array of 0 items")]
    [InlineData("""{"properties":{"s":{"enum":["on","off",1,null,true,[1]]}}}""", """{"s":"ON"}""", "argument `s`: expected one of \"on\", \"off\", 1, null, true, an array of 1 item, got the string \"ON\"")]
    [InlineData("""{"properties":{"s":{"enum":[1,2,3,4,5,6,7,8,9,10]}}}""", """{"s":0}""", "argument `s`: expected one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, got the number 0")]
    [InlineData("""{"properties":{"s":{"enum":[1,2,3,4,5,6,7,8,9,10,11]}}}""", """{"s":0}""", "argument `s`: expected one of 11 values: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …, got the number 0")]
    [InlineData("""{"properties":{"s":{"const":"x"}}}""", """{"s":0}""", "argument `s`: expected \"x\", got the number 0")]
    [InlineData("""{"properties":{"n":{"maximum":5.50}}}""", """{"n":6}""", "argument `n`: expected a number of at most 5.5, got the number 6")]
    [InlineData("""{"properties":{"n":{"exclusiveMaximum":5}}}""", """{"n":5}""", "argument `n`: expected a number below 5, got the number 5")]
    [InlineData("""{"properties":{"n":{"minimum":5}}}""", """{"n":4}""", "argument `n`: expected a number of at least 5, got the number 4")]
    [InlineData("""{"properties":{"n":{"exclusiveMinimum":5}}}""", """{"n":5}""", "argument `n`: expected a number above 5, got the number 5")]
    [InlineData("""{"properties":{"n":{"multipleOf":0.1}}}""", """{"n":0.15}""", "argument `n`: expected a multiple of 0.1, got the number 0.15")]
    [InlineData("""{"properties":{"n":{"maximum":5}}}""", """{"n":1e400}""", "argument `n`: expected a number of at most 28 significant digits with an exponent within ±28, got the number 1e400")]
    [InlineData("""{"properties":{"s":{"minLength":2}}}""", """{"s":""}""", "argument `s`: expected a string of at least 2 characters, got the string \"\"")]
    [InlineData("""{"properties":{"s":{"maxLength":1}}}""", """{"s":"ab"}""", "argument `s`: expected a string of at most 1 character, got the string \"ab\"")]
    [InlineData("""{"properties":{"s":{"pattern":"^[a-z]+$"}}}""", """{"s":"A"}""", "argument `s`: expected a string that matches `^[a-z]+$`, got the string \"A\"")]
    [InlineData("""{"properties":{"a":{"minItems":2}}}""", """{"a":[1]}""", "argument `a`: expected an array of at least 2 items, got an array of 1 item")]
    [InlineData("""{"properties":{"a":{"maxItems":0}}}""", """{"a":[1]}""", "argument `a`: expected an array of at most 0 items, got an array of 1 item")]
    [InlineData("""{"properties":{"a":{"uniqueItems":true}}}""", """{"a":[1,1.0]}""", "argument `a`: expected an array without two equal items, got an array of 2 items")]
    [InlineData("""{"properties":{"a":{"contains":{"type":"string"}}}}""", """{"a":[1,[2]]}""", "argument `a`: expected an array with at least 1 item of the kind that `contains` asks for, got an array of 2 items")]
    [InlineData("""{"properties":{"o":{"maxProperties":0}}}""", """{"o":{"a":1}}""", "argument `o`: expected an object with at most 0 members, got an object with 1 member")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "argument `b`: expected a value (required with `a`), got nothing")]
    [InlineData("""{"propertyNames":{"pattern":"^[a-z]+$"}}""", """{"A":1}""", "argument `A`: expected a name that is a string that matches `^[a-z]+$`, got the string \"A\"")]
    [InlineData("""{"properties":{"a":false}}""", """{"a":1}""", "argument `a`: expected no value here, got the number 1")]
    [InlineData("""{"properties":{"a":{"not":{"const":1}}}}""", """{"a":1}""", "argument `a`: expected a value that `not` does not rule out, got the number 1")]
    [InlineData("""{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}""", """{"a":1}""", "argument `a`: expected a string or null, got the number 1")]
    [InlineData("""{"properties":{"a":{"anyOf":[{"type":"string","maxLength":1},{"type":"null"}]}}}""", """{"a":"xy"}""", "argument `a`: expected a string of at most 1 character, got the string \"xy\"")]
    [InlineData("""{"properties":{"a":{"anyOf":[{"type":"object","properties":{"b":{"type":"integer"}}},{"type":"null"}]}}}""", """{"a":{"b":"1"}}""", "argument `a.b`: expected an integer, got the string \"1\"")]
    [InlineData("""{"oneOf":[{"properties":{"kind":{"const":"a"}},"required":["x"]},{"properties":{"kind":{"const":"b"}},"required":["y"]}]}""", """{"kind":"b"}""", "argument `y`: expected a value (required), got nothing")]
    [InlineData("""{"oneOf":[{"properties":{"kind":{"const":"a"}}},{"properties":{"kind":{"const":"b"}}}]}""", """{"kind":"c"}""", "argument `kind`: expected \"a\" or \"b\", got the string \"c\"")]
    [InlineData("""{"anyOf":[{"required":["a"]},{"required":["b"]}]}""", "{}", "the arguments: expected a value that fits one of 2 alternatives, got an object with 0 members")]
    [InlineData("""{"properties":{"a":{"oneOf":[{"type":"integer"},{"type":"number"}]}}}""", """{"a":1}""", "argument `a`: expected a value that fits only one of 2 alternatives, not several, got the number 1")]
    [InlineData("""{"if":{"required":["a"]},"then":{"properties":{"a":{"type":"string"}}}}""", """{"a":1}""", "argument `a`: expected a string, got the number 1")]
    [InlineData("""{"allOf":[{"properties":{"a":{"contains":{"const":1}}}},{"properties":{"b":{"type":"string"}}}]}""", """{"a":[[2],1],"b":1}""", "argument `b`: expected a string, got the number 1")]
    [InlineData("""{"properties":{"s":{"type":"integer"}}}""", """{"s":"a\u202e\u0007\n\"\\b"}""", "argument `s`: expected an integer, got the string \"a\\u202e\\u0007\\u000a\\\"\\\\b\"")]
    [InlineData("""{"properties":{"api_key":{"type":"integer"}}}""", """{"api_key":"abcd"}""", "argument `api_key`: expected an integer, got a string of 4 characters")]
    [InlineData("""{"properties":{"auth":{"properties":{"accessToken":{"pattern":"^x"}}}}}""", """{"auth":{"accessToken":"😀bcd"}}""", "argument `auth.accessToken`: expected a string that matches `^x`, got a string of 4 characters")]
    [InlineData("""{"properties":{"max_tokens":{"maximum":5}}}""", """{"max_tokens":6}""", "argument `max_tokens`: expected a number of at most 5, got the number 6")]
    public void Text_OfAMismatch_SaysWhatToPutRight(string schema, string arguments, string text) =>
        Assert.Equal(text, Dialects.Compile(schema).Check(JsonElement.Parse(arguments))?.Text);

    [Theory]
    [InlineData(78, "the string \"")]
    [InlineData(79, "a string of 79 characters")]
    public void Came_LongString_IsCountedNotShown(int length, string begins)
    {
        var schema = Dialects.Compile("""{"properties":{"s":{"type":"integer"}}}""");
        var mismatch = schema.Check(JsonElement.Parse("{\"s\":\"" + new string('x', length) + "\"}"))!;

        Assert.StartsWith(begins, mismatch.Came, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_EverythingLong_IsBounded()
    {
        var name = new string('n', 5_000);
        var schema = Dialects.Compile($$$"""{"properties":{"a":{"enum":["{{{new string('e', 5_000)}}}"],"pattern":"x"},"b":{"additionalProperties":false} } }""");
        foreach (var arguments in new[] { $$$"""{"a":"{{{name}}}"}""", $$$"""{"b":{"{{{name}}}":1e5000}}""" })
        {
            Assert.InRange(schema.Check(JsonElement.Parse(arguments))!.Text.Length, 20, 600);
        }

        var deep = string.Concat(Enumerable.Repeat("{\"abcdefghij\":", 50)) + "1" + new string('}', 50);
        var nested = Dialects.Compile("""{"properties":{"abcdefghij":{"$ref":"#"}},"type":"object"}""");
        Assert.InRange(nested.Check(JsonElement.Parse(deep))!.Text.Length, 200, 300);
    }

    [Theory]
    [InlineData(78, true)]
    [InlineData(79, false)]
    public void Came_LongString_IsCounted(int length, bool shown)
    {
        var text = new string('x', length);
        var came = Dialects.Compile("""{"type":"integer"}""").Check(JsonElement.Parse($"\"{text}\""))?.Came;

        Assert.Equal(shown ? $"the string \"{text}\"" : $"a string of {length} characters", came);
    }

    [Theory]
    [InlineData(80, true)]
    [InlineData(81, false)]
    public void Came_LongNumber_IsCounted(int length, bool shown)
    {
        var number = new string('1', length);
        var came = Dialects.Compile("""{"type":"string"}""").Check(JsonElement.Parse(number))?.Came;

        Assert.Equal(shown ? $"the number {number}" : $"a number of {length} characters", came);
    }

    [Fact]
    public void Check_ManyRequired_NamesTheFirstThatIsMissing()
    {
        string[] names = [.. Enumerable.Range(0, 200).Select(i => $"n{i}")];
        var schema = Dialects.Compile($$"""{"required":[{{string.Join(',', names.Select(name => $"\"{name}\""))}}]}""");
        foreach (var missing in new[] { 0, 1, 63, 64, 65, 127, 128, 199 })
        {
            var given = string.Join(',', names.Where((_, i) => i != missing).Select(name => $"\"{name}\":1"));
            Assert.Equal($"args.n{missing}", schema.Check(JsonElement.Parse($"{{{given}}}"))?.Argument);
        }

        Assert.Null(schema.Check(JsonElement.Parse($"{{{string.Join(',', names.Select(name => $"\"{name}\":1"))}}}")));
    }

    [Fact]
    public void Came_SecretBelowALongWay_IsNotShown()
    {
        var way = new string('x', 300);
        var schema = Dialects.Compile("""{"additionalProperties":{"additionalProperties":{"type":"integer"}}}""");
        foreach (var arguments in new[] { $"{{\"{way}\":{{\"password\":\"abcd\"}}}}", $"{{\"{way}é secret\":{{\"a\":\"abcd\"}}}}" })
        {
            Assert.Equal("a string of 4 characters", schema.Check(JsonElement.Parse(arguments))?.Came);
        }
    }

    [Fact]
    public void Check_SchemaAtFault_RefusesEveryCall()
    {
        var schema = InputSchema.Compile(JsonElement.Parse("""{"$ref":"http://elsewhere.test/x"}"""));

        var mismatch = schema.Check(JsonElement.Parse("{}"));
        Assert.Equal(schema.Fault, mismatch?.Came);
        Assert.Equal("args", mismatch?.Argument);
    }
}
