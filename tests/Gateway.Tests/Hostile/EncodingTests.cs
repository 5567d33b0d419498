using System.Text;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Beside the tables of A32 and A33: what is at a bound and passes, and what comes in chunks.</summary>
[Collection(HostileCollection.Name)]
public sealed class EncodingTests(HostileGate hostile)
{
    private static readonly byte[] Call = Encoding.UTF8.GetBytes(Bodies.Call(true));

    [Fact]
    public async Task Depth64_IsCarriedWhole()
    {
        // Not `echo`, whose answer would put the same arguments one level deeper.
        var body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Deep(60)).Replace("\"echo\"", "\"mixed\"", StringComparison.Ordinal));
        var answer = await hostile.PostAsync(body, hostile.Headers(true, name: "mixed"));
        Assert.Equal(200, answer.Status);
        Assert.Contains(new string('[', 60) + new string(']', 60), hostile.Upstream.Recording.Calls[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("Application/JSON ; charset=\"utf-8\"")]
    public async Task ContentType_OfJsonInUtf8_IsTaken(string type)
    {
        var answer = await hostile.PostAsync(Call, [.. hostile.Headers(true).Where(static header => header.Name != "Content-Type"), ("Content-Type", type)]);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Body_OfFiveMebibytesInChunks_IsTooLarge()
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        await using var raw = await RawClient.ConnectAsync(hostile.Gate.Address);
        var head = string.Concat(hostile.Headers(true).Select(static header => $"{header.Name}: {header.Value}\r\n"));
        await raw.SendAsync($"POST /mcp/up HTTP/1.1\r\nHost: {hostile.Gate.Address.Authority}\r\n{head}Transfer-Encoding: chunked\r\n\r\n");
        try
        {
            for (var sent = 0; sent < 5 * 1024 * 1024; sent += 0x10000)
            {
                await raw.SendAsync("10000\r\n" + new string(' ', 0x10000) + "\r\n");
            }
        }
        catch (IOException)
        {
            // The gate answered before it was told everything.
        }

        Assert.Equal(413, (await raw.ReadResponseAsync()).Status);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

    [Fact]
    public async Task Body_JustWithinTheBound_IsCarried()
    {
        var room = (4 * 1024 * 1024) - Call.Length;
        var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(true, arguments: $$"""{"text":"hi{{new string('x', room)}}"}""")), hostile.Headers(true));
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Object_OfVeryManyMembers_IsReadInTime()
    {
        var members = string.Join(',', Enumerable.Range(0, 130_000).Select(static number => $"\"m{number}\":1"));

        // Were reading them more than linear work, this would take minutes.
        var answer = await hostile.PostAsync(true, Bodies.Call(true, arguments: $$"""{"text":"hi",{{members}}}""")).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(200, answer.Status);
    }

    /// <summary>A call with arrays inside each other below the three objects around them and the argument itself.</summary>
    private static byte[] Deep(int arrays) =>
        Encoding.UTF8.GetBytes(Bodies.Call(true, arguments: $$$"""{"text":"hi","x":{"y":{{{new string('[', arrays)}}}{{{new string(']', arrays)}}} } }""".Replace(" ", "", StringComparison.Ordinal)));
}
