using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>What of A05 and A53 stands in no table: keys that are equal only when they are read, and spellings that are legal.</summary>
[Collection(HostileCollection.Name)]
public sealed class MemberSpellingTests(HostileGate hostile)
{
    [Theory]
    [InlineData("""{"text":"hi","x":[[[{"":1,"":2}]]]}""")]
    [InlineData("""{"text":"hi","x":{"\ud83d\ude00":1,"😀":2}}""")]
    [InlineData("""{"text":"hi","x":{"é":1,"\u00e9":2}}""")]
    [InlineData("""{"text":"hi","x":{"/":1,"\/":2}}""")]
    public async Task Arguments_WithAMemberTwiceAtAnyDepth_AreRefused(string arguments)
    {
        await hostile.AssertRefusedAsync(true, Bodies.Call(true, arguments: arguments), 400, -32700);
        await hostile.AssertRefusedAsync(false, Bodies.Call(false, arguments: arguments), 400, -32700);
    }

    [Fact]
    public async Task Arguments_WithMembersThatDifferInCase_PassAsTheyAre()
    {
        await hostile.PostAsync(true, Bodies.Call(true, arguments: """{"text":"hi","Name":1,"NAME":2,"METHOD":3}"""));
        Assert.Contains("""{"text":"hi","Name":1,"NAME":2,"METHOD":3}""", hostile.Upstream.Recording.Calls[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EscapedKey_Alone_GoesUpInPlainSpelling()
    {
        const string body = """{"jsonrpc":"2.0","\u0069d":1,"m\u0065thod":"tools\u002fcall","params":{"n\u0061me":"ech\u006f","\u0061rguments":{"t\u0065xt":"h\u0069"},"_meta":{"io.modelcontextprotocol/protocol\u0056ersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";
        var answer = await hostile.PostAsync(true, body);
        Assert.Equal(200, answer.Status);
        var sent = hostile.Upstream.Recording.Calls[^1].Text;
        Assert.Contains("""
            "method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"
            """, sent, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u", sent, StringComparison.Ordinal);
    }
}
