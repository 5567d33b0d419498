using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Gateway.Tests.Hostile.Inputs;
using Callgate.Gateway.Tests.Hostile.Suite;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// The classes of texts that JSON readers are known to differ on, through the strict reader and through the whole gate, at
/// every place where a client can put one. What must fail is never taken; what must pass is, unless a reason is listed.
/// </summary>
[Collection(HostileCollection.Name)]
public sealed class JsonSuiteTests(HostileGate hostile)
{
    /// <summary>CASE stands for the text, CLAIM for the <c>_meta</c> of the newest version.</summary>
    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["body"] = "CASE",
        ["params"] = """{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":CASE}""",
        ["arguments"] = """{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":"mixed","arguments":CASE CLAIM}}""",
        ["argument"] = """{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":"mixed","arguments":{"v":CASE} CLAIM}}""",
        ["string"] = """{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":"mixed","arguments":{"v":"CASE"} CLAIM}}""",
    };

    public static TheoryData<string, Era> PlacesAndEras { get; } =
        new(from place in Places.Keys from era in new[] { Era.Modern, Era.Legacy } select (place, era));

    [Fact]
    public void Cases_AllOfThem_AreAsManyAsTheSuiteHasAndCarryNoReasonInVain()
    {
        Assert.True(JsonCases.MustFail.Count >= 188);
        Assert.True(JsonCases.MustPass.Count >= 95);
        Assert.True(JsonCases.Open.Count >= 35);
        Assert.Equal(JsonCases.All.Count, JsonCases.All.Select(static item => item.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(JsonCases.MustFail, static item => Assert.Equal(JsonCases.NoJson, item.Refused));
        Assert.Equal(JsonCases.StricterReasons.Order(StringComparer.Ordinal), JsonCases.MustPass.Concat(JsonCases.Open).Select(static item => item.Refused).OfType<string>().Distinct().Order(StringComparer.Ordinal));

        // A reader of another make agrees on which is which.
        Assert.All(JsonCases.MustFail, static item => Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(item.Bytes)));
        Assert.All(JsonCases.MustPass, static item => JsonDocument.Parse(item.Bytes).Dispose());
    }

    [Fact]
    public void Parse_OfEveryCase_TakesExactlyWhatIsNotListed()
    {
        foreach (var item in JsonCases.All)
        {
            var read = StrictJson.Parse(item.Bytes, out var fault);
            Assert.True(read is null == item.Refused is not null, $"{item}: {(read is null ? fault!.Message : "taken")}");
            if (read is null)
            {
                Assert.Equal(-32700, fault!.RpcCode);
            }
            else
            {
                Assert.Equal(NaiveJson.Read(item.Bytes), NaiveJson.Read(Reemit.Bytes(read.Value).Span));
            }
        }
    }

    [Theory]
    [MemberData(nameof(PlacesAndEras))]
    public async Task Case_AtAPlaceOfAMessage_IsRefusedOrGoesUpWithTheSameMeaning(string place, Era era)
    {
        var faults = new List<string>();
        foreach (var item in JsonCases.All)
        {
            var fault = ExpectedOf(item, place) is { } expected
                ? await hostile.FaultOfAsync(era, new HostileInput(item.Name, BodyOf(item, place, era), expected) { Mirrored = "mixed" })
                : await PassageFaultAsync(item, place, era);
            if (fault is not null)
            {
                faults.Add(fault);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
    }

    /// <summary>Null for what passes.</summary>
    private static Expected? ExpectedOf(JsonCase item, string place)
    {
        if (place == "string")
        {
            return IsUtf8(item.Bytes) ? null : Expected.NoJson;
        }

        var levels = place switch { "body" => 0, "params" => 1, "arguments" => 2, _ => 3 };
        if (item.Refused is not null || DepthOf(item.Bytes) + levels > StrictJson.MaxDepth)
        {
            return Expected.NoJson;
        }

        var isObject = Encoding.UTF8.GetString(item.Bytes).AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal);
        return place switch
        {
            "body" => Expected.NoMessage,
            "params" => isObject ? Expected.NoParams : Expected.NoParams with { Method = Expected.NoMessage.Method },
            "arguments" => isObject ? null : Expected.NoParams,
            _ => null,
        };
    }

    private static byte[] BodyOf(JsonCase item, string place, Era era)
    {
        var template = Places[place].Replace(" CLAIM", era == Era.Modern ? ",\"_meta\":" + Bodies.Meta : "", StringComparison.Ordinal).Replace("ID", era == Era.Modern ? "1" : Bodies.NextId(), StringComparison.Ordinal);
        var pieces = template.Split("CASE");
        var text = place == "string" && IsUtf8(item.Bytes) ? JsonEncodedText.Encode(item.Bytes).EncodedUtf8Bytes : item.Bytes;
        return [.. Encoding.UTF8.GetBytes(pieces[0]), .. text, .. Encoding.UTF8.GetBytes(pieces[1])];
    }

    private async Task<string?> PassageFaultAsync(JsonCase item, string place, Era era)
    {
        var before = hostile.Upstream.Recording.Count;
        var answer = await hostile.PostAsync(BodyOf(item, place, era), hostile.Headers(era, name: "mixed"));
        if (answer.Status != 200 || hostile.Upstream.Recording.Since(before) is not [var sent])
        {
            return $"{item}: answered {answer.Status} {answer.Text}";
        }

        var arguments = sent.Json.Member("params").Member("arguments");
        var value = place == "arguments" ? arguments : arguments.Member("v");
        var meaning = place == "string" ? NaiveJson.Read(JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(item.Bytes))) : NaiveJson.Read(item.Bytes);
        return NaiveJson.Of(value) == meaning ? null : $"{item}: went up as {sent.Text}";
    }

    private static bool IsUtf8(byte[] bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    /// <summary>Good enough for cases whose strings hold no brackets.</summary>
    private static int DepthOf(byte[] bytes)
    {
        var (deepest, depth) = (0, 0);
        foreach (var value in bytes)
        {
            depth += value is (byte)'[' or (byte)'{' ? 1 : value is (byte)']' or (byte)'}' ? -1 : 0;
            deepest = Math.Max(deepest, depth);
        }

        return deepest;
    }
}

/// <summary>The same texts in what an upstream answers: nothing that is no JSON reaches the client.</summary>
public sealed class JsonSuiteAnswerTests(ScriptedGate scripted) : IClassFixture<ScriptedGate>
{
    [Fact]
    public async Task Case_InAnAnswer_IsWithheldOrComesDownWithTheSameMeaning()
    {
        JsonCase current = null!;
        scripted.Upstream.Script["tools/call"] = async (http, request) =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{request.GetProperty("id").GetRawText()},\"result\":{{\"resultType\":\"complete\",\"content\":[],\"v\":"));
            await http.Response.Body.WriteAsync(current.Bytes);
            await http.Response.Body.WriteAsync("}}"u8.ToArray());
        };
        foreach (var item in JsonCases.All)
        {
            current = item;
            var answer = await scripted.Client.CallAsync("say");
            Assert.True(answer.Status == 200, $"{item}: {answer.Status}");
            if (item.Refused is not null || item.Name.Contains("64_arrays", StringComparison.Ordinal))
            {
                Assert.True(answer.Denial.Text("code") == "upstream.invalid", $"{item}: {answer.Text}");
            }
            else
            {
                Assert.True(NaiveJson.Of(answer.Result.Member("v")) == NaiveJson.Read(item.Bytes), $"{item}: {answer.Text}");
            }
        }
    }
}
