using System.Text;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// Attack A34: requests whose end two readers would see in different places. No second request may come out of one, and
/// what is refused ends its connection, so that nothing left over is read as the next.
/// </summary>
[Collection(HostileCollection.Name)]
public sealed class FramingTests(HostileGate hostile)
{
    private static readonly string Body = Bodies.Call(true);

    /// <summary>HEAD stands for the honest header lines, BODY for the honest body, LEN for its length, CHUNK for it as one chunk.</summary>
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["both lengths"] = "HEADContent-Length: LEN\r\nTransfer-Encoding: chunked\r\n\r\nCHUNK",
        ["both lengths, coding first"] = "HEADTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nCHUNK",
        ["two lengths that differ"] = "HEADContent-Length: LEN\r\nContent-Length: 5\r\n\r\nBODY",
        ["two lengths in one line"] = "HEADContent-Length: LEN, 5\r\n\r\nBODY",
        ["two equal lengths in one line"] = "HEADContent-Length: LEN, LEN\r\n\r\nBODY",
        ["negative length"] = "HEADContent-Length: -1\r\n\r\nBODY",
        ["length with a sign"] = "HEADContent-Length: +LEN\r\n\r\nBODY",
        ["length with a sign and a blank"] = "HEADContent-Length: + LEN\r\n\r\nBODY",
        ["length of sixty digits"] = "HEADContent-Length: 000000000000000000000000000000000000000000000000000000000LEN\r\n\r\nBODY",
        ["hexadecimal length"] = "HEADContent-Length: 0x10\r\n\r\nBODY",
        ["empty length"] = "HEADContent-Length:\r\n\r\nBODY",
        ["length beyond 64 bits"] = "HEADContent-Length: 99999999999999999999\r\n\r\nBODY",
        ["unknown coding"] = "HEADTransfer-Encoding: identity\r\n\r\nBODY",
        ["coding before chunked"] = "HEADTransfer-Encoding: gzip, chunked\r\n\r\nCHUNK",
        ["chunked not last"] = "HEADTransfer-Encoding: chunked, identity\r\n\r\nCHUNK",
        ["coding spelled oddly"] = "HEADTransfer-Encoding: xchunked\r\n\r\nCHUNK",
        ["coding in quotes"] = "HEADTransfer-Encoding: \"chunked\"\r\n\r\nCHUNK",
        ["blank before the colon"] = "HEADContent-Length : LEN\r\n\r\nBODY",
        ["folded line"] = "HEADX-Fold: a\r\n Transfer-Encoding: chunked\r\nContent-Length: LEN\r\n\r\nBODY",
        ["bare carriage return"] = "HEADX-Cr: a\rTransfer-Encoding: chunked\r\nContent-Length: LEN\r\n\r\nBODY",
        ["NUL in a value"] = "HEADX-Nul: a\0b\r\nContent-Length: LEN\r\n\r\nBODY",
        ["no colon"] = "HEADContent-Length\r\n\r\nBODY",
        ["empty name"] = "HEAD: x\r\nContent-Length: LEN\r\n\r\nBODY",
        ["chunk size with a sign"] = "HEADTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        ["chunk size with a prefix"] = "HEADTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        ["chunk size beyond 32 bits"] = "HEADTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nhello\r\n0\r\n\r\n",
        ["chunk longer than it says"] = "HEADTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
        ["line feed in a chunk extension"] = "HEADTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
        ["bare line feed after a chunk size"] = "HEADTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    };

    public static TheoryData<string> RefusedNames { get; } = [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task Framing_ThatTwoReadersSeeDifferently_IsRefused(string name)
    {
        var smuggled = Encoding.Latin1.GetString(RawClient.Request("POST", hostile.Endpoint, Encoding.UTF8.GetBytes(Bodies.Call(true, id: "\"smuggled\"")), hostile.Headers(true)));
        var before = hostile.Upstream.Recording.Requests.Count;
        await using var raw = await RawClient.ConnectAsync(hostile.Gate.Address);
        await raw.SendAsync(Request(Refused[name]) + smuggled);
        var answer = await raw.ReadResponseAsync();
        Assert.True(answer.Status is 400 or 411 or 413 or 415 or 501, $"{answer.Status}: {answer.Text}");
        Assert.True(await raw.IsClosedAsync());
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

    /// <summary>A foreign origin is refused before a body is read; what is wrong in the body still ends the connection.</summary>
    [Theory]
    [InlineData("HEADOrigin: null\r\nTransfer-Encoding: chunked\r\n\r\n+CHUNK")]
    [InlineData("HEADOrigin: null\r\nTransfer-Encoding: chunked\r\n\r\n0xCHUNK")]
    [InlineData("HEADOrigin: null\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n")]
    public async Task Framing_BehindAnEarlyRefusal_EndsTheConnection(string template)
    {
        var smuggled = Encoding.Latin1.GetString(RawClient.Request("POST", hostile.Endpoint, Encoding.UTF8.GetBytes(Bodies.Call(true, id: "\"smuggled\"")), hostile.Headers(true)));
        var before = hostile.Upstream.Recording.Requests.Count;
        await using var raw = await RawClient.ConnectAsync(hostile.Gate.Address);
        await raw.SendAsync(Request(template) + smuggled);
        var answer = await raw.ReadResponseAsync();
        Assert.Equal(403, answer.Status);
        Assert.True(await raw.IsClosedAsync());
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

    [Fact]
    public async Task Chunks_ThatAreWellFormed_AreOneBody()
    {
        var answer = await hostile.ExchangeAsync(Encoding.UTF8.GetBytes(Request("HEADTransfer-Encoding: chunked\r\n\r\nCHUNK")));
        Assert.Equal(200, answer.Status);
        Assert.Contains("\"text\":\"hi\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ThatNeverComesWhole_KeepsNobodyElseWaiting()
    {
        await using var raw = await RawClient.ConnectAsync(hostile.Gate.Address);
        await raw.SendAsync(Request("HEADContent-Length: 5000\r\n\r\nBODY"));
        await hostile.BenignAsync(modern: true);
        raw.CloseSending();
        await hostile.BenignAsync(modern: true);
    }

    [Theory]
    [InlineData("POST /mcp/up HTTP/1.0\r\nHOST\r\n")]
    [InlineData("POST /mcp/up HTTP/9.9\r\nHOST\r\n")]
    [InlineData("POST  /mcp/up HTTP/1.1\r\nHOST\r\n")]
    [InlineData("POST /mcp/up\r\n\r\n")]
    [InlineData("P\0ST /mcp/up HTTP/1.1\r\nHOST\r\n")]
    [InlineData("POST http://evil.example/mcp/up HTTP/1.1\r\nHOST\r\n")]
    [InlineData("POST /mcp/up HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("POST /mcp/up HTTP/1.1\r\nHOSTHost: evil.example\r\n\r\n")]
    [InlineData("POST /mcp/up HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT evil.example:443 HTTP/1.1\r\nHOST\r\n")]
    [InlineData("TRACE /mcp/up HTTP/1.1\r\nHOST\r\n")]
    public async Task RequestLine_OrHost_ThatIsWrong_ReachesNoUpstream(string request)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.ExchangeAsync(Encoding.Latin1.GetBytes(request.Replace("HOST", $"Host: {hostile.Gate.Address.Authority}\r\n", StringComparison.Ordinal)));
        Assert.InRange(answer.Status, 400, 505);
        Assert.NotEqual(500, answer.Status);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

    private string Request(string template)
    {
        var head = string.Concat(hostile.Headers(true).Select(static header => $"{header.Name}: {header.Value}\r\n"));
        return $"POST /mcp/up HTTP/1.1\r\nHost: {hostile.Gate.Address.Authority}\r\n" + template
            .Replace("HEAD", head, StringComparison.Ordinal)
            .Replace("BODY", Body, StringComparison.Ordinal)
            .Replace("CHUNK", $"{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n", StringComparison.Ordinal)
            .Replace("LEN", Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
