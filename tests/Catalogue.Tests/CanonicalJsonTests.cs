using System.Buffers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Callgate.Catalogue.Tests;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData("""{ "a" : [ 3 , {"z":null,"y":true} ] }""", """{"a":[3,{"y":true,"z":null}]}""")]
    [InlineData("""{"n":1.0,"m":1e3,"k":-0,"j":12345678901234567890}""", """{"j":12345678901234567890,"k":-0,"m":1e3,"n":1.0}""")]
    [InlineData("""{"\u0061":"\u00e9\u002f<&'"}""", """{"a":"é/<&'"}""")]
    [InlineData("""{"A":1,"a":2,"_":3}""", """{"A":1,"_":3,"a":2}""")]
    [InlineData("[]", "[]")]
    [InlineData("\"x\\n\"", "\"x\\n\"")]
    public void Write_AnyValue_GivesItsOneSpelling(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    [Fact]
    public void Write_NamesBeyondTheBasicPlane_AreOrderedByCodePoint()
    {
        // U+FFFD is below U+1F600, though the surrogates of the latter are below FFFD in UTF-16.
        var canonical = Canonical("""{"\ud83d\ude00":1,"\ufffd":2,"z":3}""");

        Assert.Equal(["z", "\ufffd", "\U0001F600"], JsonElement.Parse(Encoding.UTF8.GetBytes(canonical)).EnumerateObject().Select(static member => member.Name));
    }

    [Fact]
    public void Write_WhatIsCanonicalAlready_ChangesNothing()
    {
        var random = new Random(20261121);
        for (var i = 0; i < 2_000; i++)
        {
            var once = Canonical(Any(random, 0));

            Assert.Equal(once, Canonical(once));
        }
    }

    [Fact]
    public void Write_MembersShuffled_GivesTheSameBytes()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var members = Enumerable.Range(0, 8).Select(n => $"\"m{n}\":{Any(random, 1)}").ToArray();
            var straight = Canonical("{" + string.Join(',', members) + "}");
            random.Shuffle(members);

            Assert.Equal(straight, Canonical("{" + string.Join(',', members) + "}"));
        }
    }

    private static string Any(Random random, int depth) => random.Next(depth > 4 ? 4 : 6) switch
    {
        0 => random.Next(-1000, 1000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        1 => "1." + random.Next(10) + "e" + random.Next(5),
        2 => JsonSerializer.Serialize(new string((char)random.Next(32, 0xD7FF), random.Next(4))),
        3 => random.Next(2) == 0 ? "null" : "false",
        4 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, depth + 1))) + "]",
        _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(n => $"\"{(char)random.Next('a', 'z')}{n}\":{Any(random, depth + 1)}")) + "}",
    };

    private static string Canonical(string json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(JsonElement.Parse(Encoding.UTF8.GetBytes(json)), buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
