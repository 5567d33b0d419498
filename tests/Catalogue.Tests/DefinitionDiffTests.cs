using System.Text.Json;
using Xunit;

namespace Callgate.Catalogue.Tests;

public sealed class DefinitionDiffTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":1.0}""", "/a: 1 -> 1.0")]
    [InlineData("""{"a":1}""", """{"a":2}""", "/a: 1 -> 2")]
    [InlineData("""{"a":1}""", """{"a":"1"}""", "/a: 1 -> \"1\"")]
    [InlineData("""{"a":1}""", """{"b":2}""", "/a: 1 -> nothing; /b: nothing -> 2")]
    [InlineData("""{"a":null}""", "{}", "/a: null -> nothing")]
    [InlineData("""{"a/b":{"c~d":1}}""", """{"a/b":{"c~d":2}}""", "/a~1b/c~0d: 1 -> 2")]
    [InlineData("""{"required":["a","b"]}""", """{"required":["b","c"]}""", "/required: \"a\" -> nothing; /required: nothing -> \"c\"")]
    [InlineData("""{"required":["a","b"]}""", """{"required":["b","a"]}""", "/required: [\"a\",\"b\"] -> [\"b\",\"a\"]")]
    [InlineData("""{"enum":["a"]}""", """{"enum":["a","a"]}""", "/enum/1: nothing -> \"a\"")]
    [InlineData("""{"x":[1,{"y":2}]}""", """{"x":[1,{"y":3},4]}""", "/x/1/y: 2 -> 3; /x/2: nothing -> 4")]
    [InlineData("""{"x":[1,2]}""", """{"x":[1]}""", "/x/1: 2 -> nothing")]
    [InlineData("[]", "{}", ": [] -> {}")]
    public void Compare_Definitions_SaysWhatCameWentAndChanged(string before, string after, string expected)
    {
        var (one, other) = (JsonElement.Parse(before), JsonElement.Parse(after));

        var changes = DefinitionDiff.Compare(one, other);

        Assert.Equal(expected, string.Join("; ", changes.Select(static change => $"{change.Place}: {Text(change.Before)} -> {Text(change.After)}")));
        Assert.Equal(Fingerprint.Of(one) == Fingerprint.Of(other), changes.Count == 0);
    }

    private static string Text(JsonElement? value) => value?.GetRawText() ?? "nothing";
}
