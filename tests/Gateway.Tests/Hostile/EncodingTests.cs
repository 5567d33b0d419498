using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks A32 and A33: bytes that are no plain UTF-8 JSON, or more of them than a message may have.</summary>
[Collection(HostileCollection.Name)]
public sealed class EncodingTests(HostileGate hostile)
{
    private static readonly byte[] Call = Encoding.UTF8.GetBytes(Bodies.Call(true));

    private static readonly Dictionary<string, byte[]> Unreadable = new(StringComparer.Ordinal)
    {
        ["empty"] = [],
        ["blank"] = " \n"u8.ToArray(),
        ["byte order mark"] = [0xEF, 0xBB, 0xBF, .. Call],
        ["two byte order marks"] = [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, .. Call],
        ["UTF-16 LE"] = Encoding.Unicode.GetBytes(Bodies.Call(true)),
        ["UTF-16 BE"] = Encoding.BigEndianUnicode.GetBytes(Bodies.Call(true)),
        ["UTF-16 with its mark"] = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Bodies.Call(true))],
        ["UTF-32"] = Encoding.UTF32.GetBytes(Bodies.Call(true)),
        ["UTF-7"] = "+AHsAfQ-"u8.ToArray(),
        ["Latin-1 letter"] = With("hi", [0xE9]),
        ["overlong slash"] = With("hi", [0xC0, 0xAF]),
        ["overlong NUL"] = With("hi", [0xC0, 0x80]),
        ["surrogate in UTF-8"] = With("hi", [0xED, 0xA0, 0x80]),
        ["pair in UTF-8"] = With("hi", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]),
        ["above U+10FFFF"] = With("hi", [0xF4, 0x90, 0x80, 0x80]),
        ["five bytes"] = With("hi", [0xF8, 0x88, 0x80, 0x80, 0x80]),
        ["cut character"] = With("hi", [0xE2, 0x82]),
        ["lone continuation"] = With("hi", [0x80]),
        ["invalid key"] = With("text", [0xFF]),
        ["high surrogate escape"] = With("hi", @"\ud83d"u8),
        ["low surrogate escape"] = With("hi", @"\ude00"u8),
        ["swapped surrogates"] = With("hi", @"\ude00\ud83d"u8),
        ["surrogate before a letter"] = With("hi", @"\ud83dA"u8),
        ["surrogate in a key"] = With("text", @"te\ud800xt"u8),
        ["surrogate in the name"] = With("echo", @"ech\udc00o"u8),
        ["surrogate in the method"] = With("tools/call", @"tools/call\ud800"u8),
        ["raw line feed"] = With("hi", "h\ni"u8),
        ["raw NUL"] = With("hi", "h\0i"u8),
        ["NUL after the text"] = [.. Call, 0],
        ["second message"] = [.. Call, .. Call],
        ["second message on a line"] = [.. Call, (byte)'\n', .. Call],
        ["closing brace"] = [.. Call, (byte)'}'],
        ["comma"] = [.. Call, (byte)','],
        ["line comment"] = [.. Call, .. "// x"u8],
        ["comment before"] = [.. "/* x */"u8, .. Call],
        ["comment inside"] = With("{\"text\"", "{/* x */\"text\""u8),
        ["hash comment"] = With("{\"text\"", "{# x\n\"text\""u8),
        ["trailing comma in an object"] = With("\"hi\"}", "\"hi\",}"u8),
        ["trailing comma in an array"] = With("\"hi\"", "[1,]"u8),
        ["leading comma"] = With("{\"text\"", "{,\"text\""u8),
        ["single quotes"] = With("\"hi\"", "'hi'"u8),
        ["bare key"] = With("\"text\"", "text"u8),
        ["NaN"] = With("\"hi\"", "NaN"u8),
        ["Infinity"] = With("\"hi\"", "-Infinity"u8),
        ["leading zero"] = With("\"hi\"", "012"u8),
        ["hex number"] = With("\"hi\"", "0x1F"u8),
        ["plus sign"] = With("\"hi\"", "+1"u8),
        ["point without digits"] = With("\"hi\"", "1."u8),
        ["digits without a zero"] = With("\"hi\"", ".5"u8),
        ["empty exponent"] = With("\"hi\"", "1e"u8),
        ["capital literal"] = With("\"hi\"", "True"u8),
        ["odd escape"] = With("hi", @"\x41"u8),
        ["braces of an escape"] = With("hi", @"\u{41}"u8),
        ["short escape"] = With("hi", @"\u41"u8),
        ["open string"] = Call[..^20],
        ["depth 65"] = Deep(61),
        ["depth 100000"] = Deep(100_000),
        ["open arrays"] = Encoding.ASCII.GetBytes(new string('[', 100_000)),
        ["open objects"] = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 20_000))),
    };

    public static TheoryData<string> UnreadableNames { get; } = [.. Unreadable.Keys];

    public static TheoryData<string> WrongTypes { get; } =
    [
        "(none)", "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/json5",
        "application/json-rpc", "application/problem+json", "application/json; charset=utf-16", "application/json; charset=utf-16le", "application/json; charset=utf-7",
        "application/json; charset=iso-8859-1", "application/json; charset=utf-8; charset=utf-16", "application/json; charset=utf-8; x=y", "application/json; charset=\"utf-8",
        "application/json, text/plain", "application/json;", "application/json;charset=", "application /json", "appli cation/json", "application/json charset=utf-8", "app\tlication/json", "*/*",
    ];

    [Theory]
    [MemberData(nameof(UnreadableNames))]
    public async Task Bytes_ThatAreNotOneJsonText_AreRefused(string name)
    {
        await hostile.AssertRefusedAsync(true, Unreadable[name], hostile.Headers(true), 400, -32700);
        await hostile.AssertRefusedAsync(false, Unreadable[name], hostile.Headers(false), 400, -32700);
    }

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
    [MemberData(nameof(WrongTypes))]
    public async Task ContentType_OtherThanPlainJson_IsRefused(string type)
    {
        var headers = hostile.Headers(true).Where(static header => header.Name != "Content-Type");
        await hostile.AssertRefusedAsync(true, Call, type == "(none)" ? [.. headers] : [.. headers, ("Content-Type", type)], 415, -32600);
    }

    [Fact]
    public async Task ContentType_Twice_IsRefused() =>
        await hostile.AssertRefusedAsync(true, Call, [.. hostile.Headers(true), ("Content-Type", "application/json")], 415, -32600);

    [Theory]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("Application/JSON ; charset=\"utf-8\"")]
    public async Task ContentType_OfJsonInUtf8_IsTaken(string type)
    {
        var answer = await hostile.PostAsync(Call, [.. hostile.Headers(true).Where(static header => header.Name != "Content-Type"), ("Content-Type", type)]);
        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    [InlineData("x")]
    public async Task ContentEncoding_OfAnyKind_IsRefused(string encoding)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Call);
        }

        await hostile.AssertRefusedAsync(true, packed.ToArray(), [.. hostile.Headers(true), ("Content-Encoding", encoding)], 415, -32600);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/xml")]
    [InlineData("image/*")]
    public async Task Accept_OfNothingThatIsServed_IsRefused(string accept) =>
        await hostile.AssertRefusedAsync(true, Call, [.. hostile.Headers(true).Where(static header => header.Name != "Accept"), ("Accept", accept)], 406, -32600);

    [Fact]
    public async Task CompressedBytes_WithoutAHeader_AreNoJson()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(new byte[1_000_000]);
        }

        await hostile.AssertRefusedAsync(true, packed.ToArray(), hostile.Headers(true), 400, -32700);
    }

    [Fact]
    public async Task Body_OfFiveMebibytes_IsTooLargeAndSaysSoSoon()
    {
        var large = Encoding.UTF8.GetBytes(Bodies.Call(true, arguments: $$"""{"text":"{{new string('x', 5 * 1024 * 1024)}}"}"""));
        var begun = Stopwatch.GetTimestamp();
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(large, hostile.Headers(true));
        Assert.Equal(413, answer.Status);
        Assert.Equal(-32600, HostileGate.CodeOf(answer));
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10));
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
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
        var members = string.Join(',', Enumerable.Range(0, 250_000).Select(static number => $"\"m{number}\":1"));
        var begun = Stopwatch.GetTimestamp();
        var answer = await hostile.PostAsync(true, Bodies.Call(true, arguments: $$"""{"text":"hi",{{members}}}"""));
        Assert.Equal(200, answer.Status);
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10), "reading many members takes more than linear time");
    }

    private static byte[] With(string plain, ReadOnlySpan<byte> instead)
    {
        var text = Encoding.UTF8.GetString(Call);
        var at = text.IndexOf(plain, StringComparison.Ordinal);
        return [.. Encoding.UTF8.GetBytes(text[..at]), .. instead, .. Encoding.UTF8.GetBytes(text[(at + plain.Length)..])];
    }

    /// <summary>A call with arrays inside each other below the three objects around them and the argument itself.</summary>
    private static byte[] Deep(int arrays) =>
        Encoding.UTF8.GetBytes(Bodies.Call(true, arguments: $$$"""{"text":"hi","x":{"y":{{{new string('[', arrays)}}}{{{new string(']', arrays)}}} } }""".Replace(" ", "", StringComparison.Ordinal)));
}
