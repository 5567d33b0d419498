using System.IO.Compression;
using System.Text;

namespace Callgate.Gateway.Tests.Hostile.Inputs;

/// <summary>A32 and A33: bytes that are no plain UTF-8 JSON, announced as something else, or more of them than a message may have.</summary>
internal static class EncodingInputs
{
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly string[] WrongTypes =
    [
        "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/json5",
        "application/json-rpc", "application/problem+json", "application/json; charset=utf-16", "application/json; charset=utf-16le", "application/json; charset=utf-7",
        "application/json; charset=iso-8859-1", "application/json; charset=utf-8; charset=utf-16", "application/json; charset=utf-8; x=y", "application/json; charset=\"utf-8",
        "application/json, text/plain", "application/json;", "application/json;charset=", "application /json", "appli cation/json", "application/json charset=utf-8", "app\tlication/json", "*/*",
    ];

    /// <summary>Other encodings, other media types, other codings, and what a lenient reader would take for JSON.</summary>
    public static IEnumerable<HostileInput> Encodings(HostileGate hostile, Era era)
    {
        var honest = hostile.Headers(era);
        var call = Encoding.UTF8.GetBytes(Bodies.Call(era == Era.Modern));
        foreach (var (name, body) in Unreadable(era))
        {
            yield return new HostileInput(name, body, Expected.NoJson);
        }

        var typeless = honest.Where(static header => header.Name != "Content-Type").ToArray();
        yield return new HostileInput("no content type", call, Expected.NoMedia, typeless);
        yield return new HostileInput("two content types", call, Expected.NoMedia, [.. honest, ("Content-Type", "application/json")]);
        foreach (var type in WrongTypes)
        {
            yield return new HostileInput($"content type {type}", call, Expected.NoMedia, [.. typeless, ("Content-Type", type)]);
        }

        foreach (var coding in new[] { "gzip", "deflate", "br", "zstd", "identity, gzip", "x", "gzip, identity" })
        {
            yield return new HostileInput($"content coding {coding}", Packed(call), Expected.NoMedia, [.. honest, ("Content-Encoding", coding)]);
            yield return new HostileInput($"content coding {coding} over plain bytes", call, Expected.NoMedia, [.. honest, ("Content-Encoding", coding)]);
        }

        yield return new HostileInput("gzip without a header", Packed(call), Expected.NoJson);
        foreach (var accept in new[] { "text/html", "application/xml", "image/*" })
        {
            yield return new HostileInput($"accept {accept}", call, new Expected(406, -32600), [.. honest.Where(static header => header.Name != "Accept"), ("Accept", accept)]);
        }
    }

    /// <summary>Bombs of the sizes that a test can send often; the large ones are sent to a process of its own.</summary>
    public static IEnumerable<HostileInput> Bombs(HostileGate hostile, Era era)
    {
        var large = new Expected(413, -32600, "request.too_large");
        var modern = era == Era.Modern;
        foreach (var (name, arguments) in new[]
        {
            ("string of five mebibytes", $$"""{"text":"{{new string('x', 5 * 1024 * 1024)}}"}"""),
            ("string of escapes", $$"""{"text":"{{string.Concat(Enumerable.Repeat("\\u0000", 1_000_000))}}"}"""),
            ("a million members", "{" + string.Join(',', Enumerable.Range(0, 1_000_000).Select(static number => $"\"{number:x}\":0")) + "}"),
            ("number of five mebibytes", $$"""{"n":{{new string('9', 5 * 1024 * 1024)}}}"""),
        })
        {
            yield return new HostileInput(name, Encoding.UTF8.GetBytes(Bodies.Call(modern, arguments: arguments)), large);
        }

        var call = Encoding.UTF8.GetBytes(Bodies.Call(modern));
        yield return new HostileInput("one byte too many", [.. call, .. Enumerable.Repeat((byte)' ', MaxBytes + 1 - call.Length)], large);
        yield return new HostileInput("one level too deep", Deep(modern, 62), Expected.NoJson);
        foreach (var depth in new[] { 65, 1_000, 100_000, 1_000_000 })
        {
            yield return new HostileInput($"arrays {depth} deep", Encoding.ASCII.GetBytes(new string('[', depth) + new string(']', depth)), Expected.NoJson);
            yield return new HostileInput($"open arrays {depth} deep", Encoding.ASCII.GetBytes(new string('[', depth)), Expected.NoJson);
            yield return new HostileInput($"arguments {depth} deep", Deep(modern, depth), Expected.NoJson);
        }

        yield return new HostileInput("open objects", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))), Expected.NoJson);
        yield return new HostileInput("two million items", Encoding.ASCII.GetBytes("[" + string.Join(',', Enumerable.Repeat('0', 2_000_000)) + "]"), large);
        yield return new HostileInput("one value too many", Encoding.UTF8.GetBytes(Bodies.Call(modern, arguments: "{\"v\":[" + string.Join(',', Enumerable.Repeat('0', 131_072)) + "]}")), large);
        yield return new HostileInput("too many values in a text that breaks", Encoding.ASCII.GetBytes("[" + string.Join(',', Enumerable.Repeat('0', 200_000))), large);
        yield return new HostileInput("the same member many times", Encoding.UTF8.GetBytes(Bodies.Call(modern, arguments: "{" + string.Join(',', Enumerable.Repeat("\"a\":0", 100_000)) + "}")), Expected.NoJson);
        yield return new HostileInput("gzip of a thousandfold", Packed(new byte[4 * 1024 * 1024]), Expected.NoMedia, [.. hostile.Headers(era), ("Content-Encoding", "gzip")]);
    }

    /// <summary>A call with an argument of arrays in each other.</summary>
    public static byte[] Deep(bool modern, int arrays) =>
        Encoding.UTF8.GetBytes(Bodies.Call(modern, arguments: "{\"text\":\"hi\",\"x\":" + new string('[', arrays) + new string(']', arrays) + "}"));

    public static byte[] Packed(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private static Dictionary<string, byte[]> Unreadable(Era era)
    {
        var text = Bodies.Call(era == Era.Modern);
        var call = Encoding.UTF8.GetBytes(text);
        byte[] With(string plain, ReadOnlySpan<byte> instead)
        {
            var at = text.IndexOf(plain, StringComparison.Ordinal);
            return [.. Encoding.UTF8.GetBytes(text[..at]), .. instead, .. Encoding.UTF8.GetBytes(text[(at + plain.Length)..])];
        }

        return new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["empty"] = [],
            ["blank"] = " \n"u8.ToArray(),
            ["byte order mark"] = [0xEF, 0xBB, 0xBF, .. call],
            ["two byte order marks"] = [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, .. call],
            ["UTF-16 LE"] = Encoding.Unicode.GetBytes(text),
            ["UTF-16 BE"] = Encoding.BigEndianUnicode.GetBytes(text),
            ["UTF-16 with its mark"] = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
            ["UTF-32"] = Encoding.UTF32.GetBytes(text),
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
            ["NUL after the text"] = [.. call, 0],
            ["second message"] = [.. call, .. call],
            ["second message on a line"] = [.. call, (byte)'\n', .. call],
            ["record separator"] = [0x1E, .. call],
            ["anti-hijacking prefix"] = [.. ")]}',\n"u8, .. call],
            ["comment before"] = [.. "/* x */"u8, .. call],
            ["comment inside"] = With("{\"text\"", "{/* x */\"text\""u8),
            ["hash comment"] = With("{\"text\"", "{# x\n\"text\""u8),
            ["single quotes"] = With("\"hi\"", "'hi'"u8),
            ["bare key"] = With("\"text\"", "text"u8),
            ["form"] = "jsonrpc=2.0&method=tools%2Fcall"u8.ToArray(),
            ["XML"] = "<?xml version=\"1.0\"?><methodCall/>"u8.ToArray(),
            ["YAML"] = "jsonrpc: \"2.0\"\nid: 1\nmethod: tools/call\n"u8.ToArray(),
            ["CBOR map"] = [0xA2, 0x67, 0x6A, 0x73, 0x6F, 0x6E, 0x72, 0x70, 0x63],
            ["MessagePack map"] = [0x82, 0xA7, 0x6A, 0x73, 0x6F, 0x6E, 0x72, 0x70, 0x63],
            ["event"] = [.. "data: "u8, .. call, .. "\n\n"u8],
            ["open string"] = call[..^20],
        };
    }
}
