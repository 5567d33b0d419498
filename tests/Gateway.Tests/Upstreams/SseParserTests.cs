using System.Text;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

public sealed class SseParserTests
{
    /// <summary>Stream and what is read from it: <c>data|event|id|retry</c>, <c>~</c> for an absent field, <c>:</c> for a keep-alive.</summary>
    public static TheoryData<string, string[]> Streams { get; } = new()
    {
        { "", [] },
        { "\n", [] },
        { "\n\n\n\n", [] },
        { "\r\r\n\n", [] },
        { "data: a\n\n", ["a|~|~|~"] },
        { "data:a\n\n", ["a|~|~|~"] },
        { "data:  a\n\n", [" a|~|~|~"] },
        { "data: a \n\n", ["a |~|~|~"] },
        { "data:\ta\n\n", ["\ta|~|~|~"] },
        { "data: a\r\r", ["a|~|~|~"] },
        { "data: a\r\n\r\n", ["a|~|~|~"] },
        { "data: a\n\r\n", ["a|~|~|~"] },
        { "data: a\r\n\n", ["a|~|~|~"] },
        { "data: a\r\n\r", ["a|~|~|~"] },
        { "data: a\r\rdata: b\n\ndata: c\r\n\r\n", ["a|~|~|~", "b|~|~|~", "c|~|~|~"] },
        { "data: a\ndata: b\n\n", ["a\nb|~|~|~"] },
        { "data: a\rdata: b\r\ndata: c\n\n", ["a\nb\nc|~|~|~"] },
        { "data: a\ndata:\ndata: b\n\n", ["a\n\nb|~|~|~"] },
        { "data\n\n", ["|~|~|~"] },
        { "data:\n\n", ["|~|~|~"] },
        { "data\ndata\n\n", ["\n|~|~|~"] },
        { "data: \n\n", ["|~|~|~"] },
        { "data:a:b:c\n\n", ["a:b:c|~|~|~"] },
        { "data: : a\n\n", [": a|~|~|~"] },
        { "event: m\ndata: a\n\n", ["a|m|~|~"] },
        { "data: a\nevent: m\n\n", ["a|m|~|~"] },
        { "event: m\nevent: n\ndata: a\n\n", ["a|n|~|~"] },
        { "event\ndata: a\n\n", ["a||~|~"] },
        { "event: m\n\n", ["~|m|~|~"] },
        { "event: m\n\ndata: a\n\n", ["~|m|~|~", "a|~|~|~"] },
        { "id: 7\ndata: a\n\n", ["a|~|7|~"] },
        { "id: 7\ndata: a\n\ndata: b\n\n", ["a|~|7|~", "b|~|~|~"] },
        { "id: 7\ndata:\n\n", ["|~|7|~"] },
        { "id:\ndata: a\n\n", ["a|~||~"] },
        { "id\ndata: a\n\n", ["a|~||~"] },
        { "id: 7\n\n", ["~|~|7|~"] },
        { "id: 1\0002\ndata: a\n\n", ["a|~|~|~"] },
        { "id: é\ndata: ü\n\n", ["ü|~|é|~"] },
        { "retry: 3000\n\n", ["~|~|~|3000"] },
        { "retry: 3000\ndata: a\n\n", ["a|~|~|3000"] },
        { "retry: x\ndata: a\n\n", ["a|~|~|~"] },
        { "retry: -1\ndata: a\n\n", ["a|~|~|~"] },
        { "retry: 1 \ndata: a\n\n", ["a|~|~|~"] },
        { "retry: 99999999999999999999\ndata: a\n\n", ["a|~|~|~"] },
        { "retry:\ndata: a\n\n", ["a|~|~|~"] },
        { ": ping\ndata: a\n\n", ["a|~|~|~"] },
        { "data: a\n: ping\ndata: b\n\n", ["a\nb|~|~|~"] },
        { ":data: a\ndata: b\n\n", ["b|~|~|~"] },
        { "Data: a\ndata: b\n\n", ["b|~|~|~"] },
        { " data: a\ndata: b\n\n", ["b|~|~|~"] },
        { "data : a\ndata: b\n\n", ["b|~|~|~"] },
        { "dat: a\ndatas: a\ndata: b\n\n", ["b|~|~|~"] },
        { "junk\ndata: b\n\n", ["b|~|~|~"] },
        { "\uFEFFdata: a\n\n", ["a|~|~|~"] },
        { "\uFEFF\uFEFFdata: a\n\ndata: b\n\n", ["b|~|~|~"] },
        { "data: \uFEFFa\n\n", ["\uFEFFa|~|~|~"] },
        { "data: a\n\n\n\ndata: b\n\n", ["a|~|~|~", "b|~|~|~"] },
        { "data: a\n", [] },
        { "data: a", [] },
        { "data: a\n\ndata: b\n", ["a|~|~|~"] },
        { "event: message\r\nid: 0_1\r\nretry: 5\r\ndata: {\"jsonrpc\":\"2.0\"}\r\n\r\n", ["{\"jsonrpc\":\"2.0\"}|message|0_1|5"] },
        { "data: a\u2028b\u0085c\fd\ve\n\n", ["a\u2028b\u0085c\fd\ve|~|~|~"] },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Frames_WholeStreamAtOnce_AreThoseOfTheGrammar(string stream, string[] expected)
    {
        var parser = new SseParser();
        parser.Feed(Encoding.UTF8.GetBytes(stream));

        Assert.Equal(expected, WithoutKeepAlives(parser));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Frames_SplitAtEveryByteBoundary_AreTheSame(string stream, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parser = new SseParser();
            parser.Feed(bytes.AsSpan(0, cut));
            var frames = WithoutKeepAlives(parser);
            parser.Feed(bytes.AsSpan(cut));
            frames.AddRange(WithoutKeepAlives(parser));

            Assert.Equal(expected, frames);
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Frames_FedByteByByte_AreTheSame(string stream, string[] expected)
    {
        var parser = new SseParser();
        var frames = new List<string>();
        foreach (var one in Encoding.UTF8.GetBytes(stream))
        {
            parser.Feed([one]);
            frames.AddRange(WithoutKeepAlives(parser));
        }

        Assert.Equal(expected, frames);
    }

    [Fact]
    public void Comments_WithoutAnEvent_AreOneKeepAlive()
    {
        var parser = new SseParser();
        parser.Feed(": ping\n\n: ping\n\n"u8);

        Assert.True(parser.TryNext(out var frame));
        Assert.True(frame.IsKeepAlive);
        Assert.False(parser.TryNext(out _));
    }

    [Theory]
    [InlineData("data: 0123456789abcdef0123456789abcdef0123456789\n\n")]
    [InlineData("data: 0123456789abcdef0123456789abcdef0123456789")]
    [InlineData("data: 0123456789abcdef\ndata: 0123456789abcdef\n\n")]
    [InlineData(": 0123456789abcdef0123456789abcdef0123456789abcdef0123456789")]
    public void Event_LargerThanTheBound_EndsTheParser(string stream)
    {
        var parser = new SseParser(maxEventBytes: 24);
        parser.Feed(Encoding.UTF8.GetBytes(stream));

        Assert.False(parser.TryNext(out _));
        Assert.True(parser.TooLarge);
        parser.Feed("\n\ndata: a\n\n"u8);
        Assert.False(parser.TryNext(out _));
    }

    [Fact]
    public void Event_AtTheBound_IsRead()
    {
        var parser = new SseParser(maxEventBytes: 24);
        parser.Feed("data: 0123456789abcdef01234567\n\n"u8);

        Assert.True(parser.TryNext(out var frame));
        Assert.Equal(24, frame.Data.Length);
    }

    [Fact]
    public void Frame_AfterMoreIsFed_KeepsItsBytes()
    {
        var parser = new SseParser();
        parser.Feed("data: first\n\n"u8);
        Assert.True(parser.TryNext(out var frame));
        parser.Feed("data: other\n\n"u8);
        Assert.True(parser.TryNext(out _));

        Assert.Equal("first", Encoding.UTF8.GetString(frame.Data.Span));
    }

    private static List<string> WithoutKeepAlives(SseParser parser)
    {
        var frames = new List<string>();
        while (parser.TryNext(out var frame))
        {
            if (!frame.IsKeepAlive)
            {
                var data = frame.HasData ? Encoding.UTF8.GetString(frame.Data.Span) : "~";
                frames.Add($"{data}|{frame.Event ?? "~"}|{frame.Id ?? "~"}|{frame.Retry?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "~"}");
            }
        }

        return frames;
    }
}
