using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>Any schema gives answers or a fault, any value an answer, and the answers are those of the reference.</summary>
public sealed class SchemaFuzzTests
{
    private const int Seed = 314_159;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_RandomSchemas_AgreesWithTheReference(bool old)
    {
        var random = new Random(Seed);
        var generator = new RandomSchemas(random, old);
        var (fits, fails, faults) = (0, 0, 0);
        for (var i = 0; i < 2_500; i++)
        {
            var text = generator.Document();
            var document = JsonElement.Parse(Encoding.UTF8.GetBytes(text));
            var schema = InputSchema.Compile(document);
            if (schema.Fault is not null)
            {
                Assert.True(schema.Fault.Contains("refers to itself", StringComparison.Ordinal), $"seed {Seed}: {text}: {schema.Fault}");
                faults++;
                continue;
            }

            var reference = new ReferenceSchema(document, old);
            for (var j = 0; j < 8; j++)
            {
                var value = JsonElement.Parse(generator.Value(3));
                var (expected, actual) = (reference.Accepts(value), schema.Check(value));
                Assert.True(expected == actual is null, $"seed {Seed}: {text} on {value.GetRawText()}: {actual?.Text}");
                _ = expected ? fits++ : fails++;
                Assert.True(actual is null || actual.Expected is not "a value that the schema accepts", $"seed {Seed}: {text} on {value.GetRawText()} tells nothing");
            }
        }

        Assert.True(fits > 4_000 && fails > 4_000 && faults is > 3 and < 1_000, $"{fits} fit, {fails} do not, {faults} faults");
    }

    [Fact]
    public void Compile_DamagedSchemas_NeverThrows()
    {
        var random = new Random(Seed);
        string[] parts = ["\"$ref\"", "\"#\"", "\"#/\"", "\"type\"", "\"http://x\"", "7", "-1", "1e999", "null", "[]", "{}", "true", "\"\\ud800\"", "\"$id\"", "\"items\"", "[[1]]", "\"(\""];
        var read = 0;
        for (var i = 0; i < 4_000; i++)
        {
            var generator = new RandomSchemas(random, random.Next(2) == 0);
            var text = new StringBuilder(generator.Document());
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                var tokens = Tokens(text.ToString());
                var (start, length) = tokens[random.Next(tokens.Count)];
                text.Remove(start, length).Insert(start, parts[random.Next(parts.Length)]);
            }

            if (!TryParse(text.ToString(), out var document))
            {
                continue;
            }

            read++;
            var schema = InputSchema.Compile(document);
            var mismatch = schema.Check(JsonElement.Parse(generator.Value(3)));
            Assert.True(schema.Fault is null || mismatch is not null);
        }

        Assert.True(read > 800, $"{read} were read");
    }

    [Fact]
    public void Check_DamagedValues_NeverThrows()
    {
        var random = new Random(Seed);
        string[] values = ["\"\\ud800\"", "{\"\\ud800\":1}", "[\"\\udc00\",\"\\udc00\"]", "{\"a\":1,\"a\":\"x\"}", "1e999999999999", "-0", "{\"\":{\"\":[]}}", "\"\\u0000\""];
        for (var i = 0; i < 1_500; i++)
        {
            var schema = InputSchema.Compile(JsonElement.Parse(new RandomSchemas(random, i % 2 == 0).Document()));
            foreach (var value in values)
            {
                schema.Check(JsonElement.Parse(value));
                schema.Check(JsonElement.Parse($"[{value},{value}]"));
                schema.Check(JsonElement.Parse($$"""{"a":{{value}} }"""));
            }
        }
    }

    [Theory]
    [InlineData("""{"$defs":{"t":{"anyOf":[{"items":{"$ref":"#/$defs/t"}},{"items":{"$ref":"#/$defs/t"}}],"type":"array"}},"$ref":"#/$defs/t"}""")]
    [InlineData("""{"$defs":{"t":{"oneOf":[{"type":"array","items":{"$ref":"#/$defs/t"}},{"type":"array","items":{"$ref":"#/$defs/t"},"maxItems":9}]}},"$ref":"#/$defs/t"}""")]
    [InlineData("""{"$defs":{"t":{"anyOf":[{"items":{"$ref":"#/$defs/t"}},{"prefixItems":[{"$ref":"#/$defs/t"}]}],"unevaluatedItems":{"$ref":"#/$defs/t"},"not":{"not":{"items":{"$ref":"#/$defs/t"}}}}},"$ref":"#/$defs/t"}""")]
    public void Check_ExponentialSchema_EndsWithinBounds(string text)
    {
        var schema = Dialects.Compile(text);
        var value = JsonElement.Parse(new string('[', 60) + "1" + new string(']', 60));

        Assert.Contains("within bounds", schema.Check(value)?.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_MuchToTell_EndsSoon()
    {
        var schema = Dialects.Compile("""{"$defs":{"t":{"anyOf":[{"items":{"$ref":"#/$defs/t"},"type":"array"},{"items":{"$ref":"#/$defs/t"},"minItems":1,"type":"array"}]}},"$ref":"#/$defs/t"}""");

        Assert.NotNull(schema.Check(JsonElement.Parse(new string('[', 14) + "1" + new string(']', 14))));
    }

    [Fact]
    public void Check_LargeArguments_AreJudged()
    {
        var schema = Dialects.Compile("""{"properties":{"rows":{"uniqueItems":true,"items":{"type":"object","properties":{"id":{"type":"integer"},"s":{"pattern":"^[a-z]+$"}},"required":["id"]}}}}""");
        var rows = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$"""{"id":{{i}},"s":"abc"}"""));

        Assert.Null(schema.Check(JsonElement.Parse("{\"rows\":[" + rows + "]}")));
        Assert.Equal("args.rows", schema.Check(JsonElement.Parse("{\"rows\":[" + rows + ",{\"s\":\"abc\",\"id\":19999.0}]}"))?.Argument);
        Assert.Equal("args.rows[20000].s", schema.Check(JsonElement.Parse("{\"rows\":[" + rows + ",{\"s\":\"A\",\"id\":20000}]}"))?.Argument);
    }

    [Fact]
    public void Check_LongText_IsJudgedUpToTheBoundOfPatterns()
    {
        var schema = Dialects.Compile("""{"properties":{"s":{"pattern":"^[a-zé]*$"},"t":{"maxLength":100000}}}""");
        string Arguments(string name, int length, char letter) => $"{{\"{name}\":\"{new string(letter, length)}\"}}";

        Assert.Null(schema.Check(JsonElement.Parse(Arguments("s", 65_536, 'a'))));
        Assert.Null(schema.Check(JsonElement.Parse(Arguments("s", 65_536, 'é'))));
        Assert.Contains("65,536", schema.Check(JsonElement.Parse(Arguments("s", 65_537, 'a')))?.Expected, StringComparison.Ordinal);
        Assert.Contains("65,536", schema.Check(JsonElement.Parse(Arguments("s", 200_000, 'a')))?.Expected, StringComparison.Ordinal);
        Assert.Null(schema.Check(JsonElement.Parse(Arguments("t", 100_000, 'é'))));
        Assert.NotNull(schema.Check(JsonElement.Parse(Arguments("t", 100_001, 'é'))));
    }

    [Fact]
    public void Check_ValueNestedDeep_NeedsNoStack()
    {
        var deep = JsonElement.Parse(new string('[', 5_000) + new string(']', 5_000), new JsonDocumentOptions { MaxDepth = 6_000 });
        foreach (var text in new[] { """{"items":{"$ref":"#"}}""", """{"uniqueItems":true,"items":{"$ref":"#"}}""", """{"not":{"const":[[]]},"contains":{"$ref":"#"}}""" })
        {
            Assert.NotNull(Dialects.Compile(text).Check(deep));
        }

        Assert.NotNull(Dialects.Compile("""{"enum":[[[]],[1]]}""").Check(deep));
        Assert.NotNull(Dialects.Compile("""{"uniqueItems":true}""").Check(JsonElement.Parse($"[{deep.GetRawText()},{deep.GetRawText()}]", new JsonDocumentOptions { MaxDepth = 6_000 })));
    }

    private static List<(int Start, int Length)> Tokens(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true });
        var tokens = new List<(int, int)> { (0, 1) };
        try
        {
            while (reader.Read())
            {
                // Texts outside ASCII move the places; then the damage falls elsewhere, which is as good.
                var start = (int)reader.TokenStartIndex;
                var length = reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);
                if (start + length <= text.Length && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName or JsonTokenType.Number or JsonTokenType.True)
                {
                    tokens.Add((start, length));
                }
            }
        }
        catch (JsonException)
        {
            return tokens;
        }

        return tokens;
    }

    private static bool TryParse(string text, out JsonElement document)
    {
        try
        {
            document = JsonElement.Parse(Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (JsonException)
        {
            document = default;
            return false;
        }
    }
}
