using System.Text;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>The classes of texts that every JSON reader must refuse, and those that every one must take, at each place of a text.</summary>
public sealed class StrictJsonGrammarTests
{
    /// <summary>No value of JSON, wherever it stands.</summary>
    private static readonly string[] NoValues =
    [
        "", "+1", "+", "-", "--1", "-+1", "01", "-01", "00", "0.", ".0", "-.5", "1.", "1.e1", "1e", "1E", "1e+", "1E-", "1ee2", "1e2.5", "1.2.3", "1 000", "1_000", "0x1", "0xF", "0b1", "0o7", "1a", "1f", "1L", "１", "-Infinity", "Infinity", "NaN", "nan",
        "-NaN", "1/2", "$1", "tru", "True", "TRUE", "truee", "fals", "nul", "NULL", "None", "nil", "undefined", "yes", "abc", "'a'", "`a`", "a\"", "\"", "\"a", "\"a\\\"", "\"\\\"", "\"\\x41\"", "\"\\a\"", "\"\\'\"", "\"\\0\"", "\"\\U0041\"", "\"\\u\"", "\"\\u0\"",
        "\"\\u004\"", "\"\\u00G0\"", "\"\\u 041\"", "\"\\u{41}\"", "\"\\\n\"", "\"\n\"", "\"\t\"", "\"\r\"", "\"\0\"", "\"\u001f\"", "\"a\" \"b\"", "\"a\"\"b\"", "\"\\ud800\"", "\"\\udfff\"", "\"\\ud800\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\udc00\\ud800\"",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[\"a\":1]", "[1}", "[[]", "[]]", "(1)", "<1>", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\"}", "{\"a\",}", "{\"a\" 1}", "{\"a\":}",
        "{\"a\"::1}", "{\"a\":1:2}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{\"a\"=1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{true:1}", "{[]:1}", "{{}:1}", "{\"a\":1]", "{\"a\":1}}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "{\"a\":{\"b\":1,\"b\":2}}",
        "//\n1", "/* */1", "1//", "1/* */", "#1", "--1", "1;", "\u000b1", "\u000c1", "\u00a01", "\u20281", "\u30001", "\u200b1", "1\u200b", "\uFEFF1", "1\0", "\0", "1 1", "1,1", "1,", ",1", "[][]", "{}{}", "truefalse", "*1", "&a", "!1", "<!-- -->1", "---\n1",
    ];

    /// <summary>Values of JSON with what they mean, as another reader would say it.</summary>
    private static readonly string[] Values =
    [
        "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "0.0", "-0.0", "1.5", "1.50", "0.1e1", "1e0", "1E0", "1e+2", "1e-2", "1E+400", "1e-400", "-1.5E-7", "0e0", "9007199254740993", "true", "false", "null", "\"\"", "\" \"", "\"a\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"",
        "\"\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\u001f\"", "\"\\u0041\"", "\"\\u00e9\"", "\"\\uD83D\\uDE00\"", "\"\\ud83d\\ude00\"", "\"\\uFFFF\"", "\"\\ufdd0\"", "\"é\"", "\"😀\"", "\"\u007f\"", "\"\u0080\"", "\"\u2028\u2029\"", "\"\uFEFF\"", "\"\uFFFF\"", "\"\U0010FFFF\"", "\"// no comment\"",
        "\"\\u2028\"", "[]", "[ ]", "[[]]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[],[[]],{}]", "[null,true,\"x\"]", "{}", "{ }", "{\"a\":1}", "{\"a\":1,\"A\":2}", "{\"\":0}", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1,\"b\":{\"a\":1}}", "{\"\\u0061\":1}", "{\"\\u0000\":1}", "{\"a b\":1}", "{\"__proto__\":1}",
        "{\"é\":1,\"e\\u0301\":2}", "{\"a\":[{\"a\":1},{\"a\":1}]}", " 1", "1 ", "\t1\n", "\r\n[\r\n1\r\n]\r\n",
    ];

    [Fact]
    public void Parse_OfWhatIsNoJson_RefusesItAtEveryPlace()
    {
        foreach (var text in NoValues.SelectMany(Places))
        {
            Assert.True(StrictJson.Parse(Encoding.UTF8.GetBytes(text), out var fault) is null, $"`{text}` was taken");
            Assert.Equal(-32700, fault!.RpcCode);
        }
    }

    [Fact]
    public void Parse_OfJson_TakesItAtEveryPlaceAndWritesTheSame()
    {
        foreach (var text in Values.SelectMany(Places))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var read = StrictJson.Parse(bytes, out var fault);
            Assert.True(read is not null, $"`{text}` was refused: {fault?.Message}");
            Assert.Equal(NaiveJson.Read(bytes), NaiveJson.Of(read.Value));
            Assert.Equal(NaiveJson.Read(bytes), NaiveJson.Read(Reemit.Bytes(read.Value).Span));
        }
    }

    [Fact]
    public void Parse_OfEveryByteAlone_TakesOnlyDigits()
    {
        for (var value = 0; value < 256; value++)
        {
            Assert.Equal(value is >= '0' and <= '9', StrictJson.Parse([(byte)value], out _) is not null);
        }
    }

    [Fact]
    public void Parse_OfEveryByteInAString_TakesOnlyTextThatNeedsNoEscape()
    {
        for (var value = 0; value < 256; value++)
        {
            Assert.Equal(value is >= ' ' and < 0x80 and not ('"' or '\\'), StrictJson.Parse([(byte)'"', (byte)value, (byte)'"'], out _) is not null);
            Assert.Equal(value is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't', StrictJson.Parse([(byte)'"', (byte)'\\', (byte)value, (byte)'"'], out _) is not null);
        }
    }

    [Theory]
    [InlineData("80")]
    [InlineData("BF")]
    [InlineData("C2")]
    [InlineData("C080")]
    [InlineData("C1BF")]
    [InlineData("E08080")]
    [InlineData("E09FBF")]
    [InlineData("EDA080")]
    [InlineData("EDBFBF")]
    [InlineData("E282")]
    [InlineData("F0808080")]
    [InlineData("F08FBFBF")]
    [InlineData("F4908080")]
    [InlineData("F5808080")]
    [InlineData("F888808080")]
    [InlineData("FC8480808080")]
    [InlineData("FE")]
    [InlineData("FF")]
    [InlineData("C3")]
    [InlineData("E9")]
    public void Parse_OfBytesThatAreNoUtf8_RefusesThem(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Null(StrictJson.Parse([.. "\""u8, .. bytes, .. "\""u8], out _));
        Assert.Null(StrictJson.Parse([.. "{\""u8, .. bytes, .. "\":1}"u8], out _));
        Assert.Null(StrictJson.Parse(bytes, out _));
    }

    [Fact]
    public void Parse_AtTheBoundOfDepth_TakesSixtyFourAndNoMore()
    {
        foreach (var (open, close) in new[] { ("[", "]"), ("{\"a\":", "}") })
        {
            string Nested(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + (open == "[" ? "" : "1") + string.Concat(Enumerable.Repeat(close, depth));
            Assert.NotNull(StrictJson.Parse(Encoding.UTF8.GetBytes(Nested(64)), out _));
            Assert.Null(StrictJson.Parse(Encoding.UTF8.GetBytes(Nested(65)), out _));
            Assert.Null(StrictJson.Parse(Encoding.UTF8.GetBytes(Nested(100_000)), out _));
        }
    }

    private static IEnumerable<string> Places(string value)
    {
        yield return value;
        if (value is "" or "1,1" or "," or "1,")
        {
            // As an item these would be none, or two.
            yield break;
        }

        yield return $"[{value}]";
        yield return $"[0,{value},0]";
        yield return $"{{\"k\":{value}}}";
        yield return $"{{\"k\":[{{\"l\":{value}}}]}}";
    }
}
