using System.Text;
using System.Text.Json;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// Valid messages, bent by a seeded chance. Whatever comes of it, the reader gives a message or a fault and never throws;
/// and what it takes means the same to two other readers before and after it is written again.
/// </summary>
public sealed class StrictJsonFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly byte[][] Seeds =
    [
        .. new[]
        {
            Bodies.Call(true),
            Bodies.Call(false, arguments: """{"text":"é😀\ud83d\ude00\n\u0000/\/","n":[1,-0,1.50,1e3,12345678901234567890,0.1e-7],"o":{"a":{"b":[[],{}]}},"t":true,"z":null}"""),
            Bodies.Request(true, "tools/list", "\"cursor\":\"at-1\""),
            Bodies.Request(false, "resources/read", "\"uri\":\"test://static-text\"", "\"abc\""),
            """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"no more"}}""",
            """{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"x"}],"_meta":{"a/b":1}}}""",
            """ { "jsonrpc" : "2.0" , "id" : "q" , "error" : { "code" : -32000 , "message" : "no" , "data" : [ ] } } """,
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public void ParseMessage_OfBentMessages_NeverThrowsAndTakesOnlyWhatAllReadAlike()
    {
        var chance = new Random(20261121);
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bent = Bending.Bend(Seeds, chance);
            var message = StrictJson.ParseMessage(bent, out var fault);
            if (message is null)
            {
                Assert.True(fault is { RpcCode: -32700 or -32600 or -32602 }, Shown(round, bent));
                continue;
            }

            taken++;
            Assert.True(fault is null, Shown(round, bent));
            var written = Reemit.Bytes(message.Root).Span;
            var meaning = NaiveJson.Read(bent);
            Assert.True(meaning == NaiveJson.Read(written), Shown(round, bent));
            using var other = JsonDocument.Parse(written.ToArray());
            Assert.True(meaning == NaiveJson.Of(other.RootElement), Shown(round, bent));
            AssertOneReading(other.RootElement, Shown(round, bent));
            Assert.Equal(written, Reemit.Bytes(StrictJson.ParseMessage(written, out _)!.Root).Span);
        }

        // A run that refuses everything, or nothing, proves nothing.
        Assert.InRange(taken, Rounds / 50, Rounds * 9 / 10);
    }

    [Fact]
    public void Parse_OfRandomBytes_NeverThrows()
    {
        var chance = new Random(4242);
        var bytes = new byte[64];
        for (var round = 0; round < Rounds; round++)
        {
            chance.NextBytes(bytes);
            if (StrictJson.Parse(bytes.AsSpan(0, chance.Next(bytes.Length)), out var fault) is null)
            {
                Assert.Equal(-32700, fault!.RpcCode);
            }
        }
    }

    /// <summary>No member stands twice, whoever compares them.</summary>
    private static void AssertOneReading(JsonElement value, string shown)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                AssertOneReading(item, shown);
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            var names = value.EnumerateObject().Select(static member => member.Name).ToList();
            Assert.True(names.Count == names.Distinct(StringComparer.Ordinal).Count(), shown);
            foreach (var member in value.EnumerateObject())
            {
                AssertOneReading(member.Value, shown);
            }
        }
    }

    private static string Shown(int round, byte[] bent) => $"round {round}: {Encoding.UTF8.GetString(bent)} ({Convert.ToHexString(bent)})";
}
