using System.Text;
using System.Text.Json;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Wire;

public sealed class ReemitTests
{
    [Theory]
    [InlineData("""{"b":1.0,"a":1e3,"c":-0,"d":12345678901234567890}""")]
    [InlineData("""{"z":[1,{"y":null}],"a":"é<&'\" \\ \n","":{}}""")]
    public void Bytes_WithoutEdits_KeepOrderAndNumberText(string json) => Assert.Equal(json, Written(json));

    [Fact]
    public void Bytes_EscapedKeysAndStrings_AreWrittenPlain() =>
        Assert.Equal("""{"name":"é/x"}""", Written("""{ "n\u0061me" : "\u00e9\/x" }"""));

    [Theory]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"y":2}}""")]
    [InlineData("""{"a":{"x ":1," x":2,"X":3}}""", """{"a":{"x ":1," x":2,"X":3}}""")]
    [InlineData("""{"a ":{"x":1},"A":{"x":1}}""", """{"a ":{"x":1},"A":{"x":1}}""")]
    [InlineData("""{"a":[{"x":1}],"x":1}""", """{"a":[{"x":1}],"x":1}""")]
    public void Remove_APath_TakesThatMemberAlone(string json, string left) => Assert.Equal(left, Written(json, JsonEdit.Remove("a", "x")));

    [Fact]
    public void Replace_AMember_KeepsItsPlace() =>
        Assert.Equal("""{"a":1,"id":"mine","z":2}""", Written("""{"a":1,"id":7,"z":2}""", JsonEdit.Replace("\"mine\""u8.ToArray(), "id")));

    [Fact]
    public void Replace_AnAbsentMember_AddsNothing() =>
        Assert.Equal("""{"a":1}""", Written("""{"a":1}""", JsonEdit.Replace("2"u8.ToArray(), "b"), JsonEdit.Replace("2"u8.ToArray(), "b", "c")));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1,"b":{"c":2}}""")]
    [InlineData("""{"b":{"d":3}}""", """{"b":{"d":3,"c":2}}""")]
    [InlineData("""{"b":{"c":9}}""", """{"b":{"c":2}}""")]
    public void Set_APath_ReplacesOrAddsIt(string json, string set) => Assert.Equal(set, Written(json, JsonEdit.Set("2"u8.ToArray(), "b", "c")));

    [Fact]
    public void Edits_OfOneObject_AreAllMade() => Assert.Equal(
        """{"p":{"keep":1,"swap":2,"new":3}}""",
        Written(
            """{"p":{"gone":0,"keep":1,"swap":9}}""",
            JsonEdit.Remove("p", "gone"), JsonEdit.Replace("2"u8.ToArray(), "p", "swap"), JsonEdit.Set("3"u8.ToArray(), "p", "new")));

    private static string Written(string json, params JsonEdit[] edits) =>
        Encoding.UTF8.GetString(Reemit.Bytes(JsonElement.Parse(Encoding.UTF8.GetBytes(json)), edits).Span);
}
