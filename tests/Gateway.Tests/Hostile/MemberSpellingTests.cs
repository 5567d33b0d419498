using System.Globalization;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// Attacks A04, A05, A06 and A53: a member that another reader takes for one of the protocol, and a member that stands
/// twice. Whatever the order, the gate refuses, because the upstream may read the other one.
/// </summary>
[Collection(HostileCollection.Name)]
public sealed class MemberSpellingTests(HostileGate hostile)
{
    private static readonly string[] InRoot = ["jsonrpc", "id", "method", "params"];
    private static readonly string[] InParameters = ["name", "arguments", "_meta"];

    /// <summary>Members that an honest call has none of; a variant of them alone is enough to confuse.</summary>
    private static readonly string[] Elsewhere = ["uri", "taskId", "requestState", "inputResponses", "result", "error"];

    /// <summary>NUL, zero-width, byte order mark, blanks, marks and fillers that a lenient reader drops or shows as nothing.</summary>
    private static readonly char[] Unseen =
        ['\u0000', '\u0001', '\u0009', '\u0020', '\u00a0', '\u00ad', '\u0301', '\u034f', '\u115f', '\u180e', '\u200b', '\u200d', '\u2028', '\u2029', '\u2060', '\u2800', '\u3164', '\ufe0f', '\ufeff', '\uffa0'];

    public static TheoryData<bool, string, string> Variants()
    {
        var cases = new TheoryData<bool, string, string>();
        foreach (var modern in new[] { true, false })
        {
            foreach (var member in InRoot.Concat(InParameters).Concat(Elsewhere))
            {
                foreach (var variant in Cases(member).Concat(Folds(member)).Distinct(StringComparer.Ordinal))
                {
                    cases.Add(modern, member, variant);
                }
            }
        }

        return cases;
    }

    public static TheoryData<string, string> UnseenCharacters()
    {
        var cases = new TheoryData<string, string>();
        foreach (var member in InRoot.Concat(InParameters).Concat(Elsewhere))
        {
            foreach (var character in Unseen)
            {
                var escape = "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture);
                cases.Add(member, member + escape);
                cases.Add(member, escape + member);
                cases.Add(member, member.Insert(1, escape));
                if (character > ' ')
                {
                    cases.Add(member, member + character);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Variants), DisableDiscoveryEnumeration = true)]
    public Task Variant_OfAProtocolMember_IsRefusedWhereverItStands(bool modern, string member, string variant) => AssertEveryPlaceAsync(modern, member, variant);

    [Theory]
    [MemberData(nameof(UnseenCharacters), DisableDiscoveryEnumeration = true)]
    public Task UnseenCharacter_InAProtocolMember_IsRefusedWhereverItStands(string member, string variant) => AssertEveryPlaceAsync(modern: true, member, variant);

    [Theory]
    [InlineData("io.modelcontextprotocol/ProtocolVersion")]
    [InlineData("IO.MODELCONTEXTPROTOCOL/protocolVersion")]
    [InlineData("io.modelcontextprotocol/protocolVersion\\u0000")]
    [InlineData("io.modelcontextprotocol/ClientCapabilities")]
    [InlineData("io.modelcontextprotocol/logLeve\\u200bl")]
    [InlineData("ProgressToken")]
    [InlineData("progressTo\\u212aen")]
    public async Task Variant_InMeta_IsRefused(string variant)
    {
        foreach (var modern in new[] { true, false })
        {
            var honest = modern ? Bodies.Meta[1..^1] + "," : "";
            var parameters = Bodies.Parameters(modern: false);
            parameters.Add(("_meta", $$"""{{{honest}}"{{variant}}":"2025-11-25"}"""));
            await hostile.AssertRefusedAsync(modern, Bodies.Join(Bodies.Root(modern, Bodies.Join(parameters))), 400, -32600);
        }
    }

    public static TheoryData<bool, string, string> Twice()
    {
        var cases = new TheoryData<bool, string, string>();
        foreach (var modern in new[] { true, false })
        {
            foreach (var member in InRoot.Concat(modern ? InParameters : InParameters[..2]))
            {
                foreach (var spelling in new[] { member, Bodies.Escaped(member), Bodies.Escaped(member[..1]) + member[1..], member[..^1] + Bodies.Escaped(member[^1..]).ToUpperInvariant().Replace("\\U", "\\u", StringComparison.Ordinal) })
                {
                    cases.Add(modern, member, spelling);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Twice), DisableDiscoveryEnumeration = true)]
    public async Task Member_StandingTwice_IsRefusedInEveryOrder(bool modern, string member, string spelling)
    {
        foreach (var value in new[] { null, "\"add\"", "{}", "7" })
        {
            await AssertTwiceAsync(modern, member, spelling, value, after: true);
            await AssertTwiceAsync(modern, member, spelling, value, after: false);
        }
    }

    [Theory]
    [InlineData("""{"text":"hi","text":"hi"}""")]
    [InlineData("""{"text":"hi","text":"ho"}""")]
    [InlineData("""{"text":"hi","\u0074ext":"ho"}""")]
    [InlineData("""{"\u0074\u0065\u0078\u0074":"hi","text":"ho"}""")]
    [InlineData("""{"text":"hi","x":{"a":1,"b":[{"c":1,"c":2}]}}""")]
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
    public async Task Arguments_WithAMemberTwiceAtTheDeepestLevel_AreRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"x\":", 58)) + """{"a":1,"a":2}""" + new string('}', 58);
        await hostile.AssertRefusedAsync(true, Bodies.Call(true, arguments: deep), 400, -32700);
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

    private static IEnumerable<string> Cases(string member)
    {
        yield return member.ToUpperInvariant();
        yield return char.ToUpperInvariant(member[0]) + member[1..];
        yield return member[..^1] + char.ToUpperInvariant(member[^1]);
        if (member.Any(char.IsUpper))
        {
            yield return member.ToLowerInvariant();
        }

        yield return member[..1] + member[1..].ToUpperInvariant();
    }

    /// <summary>Letters that become one of the member's under some reader's folding.</summary>
    private static IEnumerable<string> Folds(string member)
    {
        foreach (var (letter, twin) in new[] { ('s', '\u017f'), ('k', '\u212a'), ('i', '\u0131'), ('i', '\u0130') })
        {
            if (member.Contains(letter, StringComparison.Ordinal))
            {
                yield return member.Replace(letter, twin);
                yield return member.Replace(letter.ToString(), "\\u" + ((int)twin).ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal);
            }
        }
    }

    private async Task AssertEveryPlaceAsync(bool modern, string member, string variant)
    {
        if (variant == member)
        {
            return;
        }

        var before = hostile.Upstream.Recording.Requests.Count;
        foreach (var body in Places(modern, member, variant))
        {
            var answer = await hostile.PostAsync(modern, body);
            Assert.True(answer.Status == 400, $"{answer.Status}: {body}");
            Assert.Equal(-32600, HostileGate.CodeOf(answer));
        }

        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern);
    }

    /// <summary>The variant alone, before and after the member; and where the member is none of the call's, in both objects.</summary>
    private static IEnumerable<string> Places(bool modern, string member, string variant)
    {
        if (Elsewhere.Contains(member))
        {
            yield return Bodies.Join([.. Bodies.Root(modern), (variant, "\"x\"")]);
            yield return Bodies.Join(Bodies.Root(modern, Bodies.Join([(variant, "\"x\""), .. Bodies.Parameters(modern)])));
            yield break;
        }

        foreach (var place in new[] { 0, 1, 2 })
        {
            var root = Bodies.Root(modern);
            var parameters = Bodies.Parameters(modern);
            var members = InRoot.Contains(member) ? root : parameters;
            var at = members.FindIndex(pair => pair.Key == member);
            var value = at < 0 ? "{}" : members[at].Value;
            if (place == 0 && at >= 0)
            {
                members.RemoveAt(at);
            }

            members.Insert(place == 1 ? 0 : members.Count, (variant, value));
            yield return InRoot.Contains(member) ? Bodies.Join(root) : Bodies.Join(Bodies.Root(modern, Bodies.Join(parameters)));
        }
    }

    private async Task AssertTwiceAsync(bool modern, string member, string spelling, string? value, bool after)
    {
        var root = Bodies.Root(modern);
        var parameters = Bodies.Parameters(modern);
        var members = InRoot.Contains(member) ? root : parameters;
        var own = members.Find(pair => pair.Key == member).Value;
        members.Insert(after ? members.Count : 0, (spelling, value ?? own));
        var body = InRoot.Contains(member) ? Bodies.Join(root) : Bodies.Join(Bodies.Root(modern, Bodies.Join(parameters)));
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(modern, body);
        Assert.True(answer.Status == 400, $"{answer.Status}: {body}");
        Assert.Equal(-32700, HostileGate.CodeOf(answer));
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }
}
