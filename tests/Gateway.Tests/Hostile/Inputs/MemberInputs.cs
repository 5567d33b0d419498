using System.Globalization;

namespace Callgate.Gateway.Tests.Hostile.Inputs;

/// <summary>
/// A04, A05, A06 and A53: a member that another reader takes for one of the protocol, and a member that stands twice.
/// Whatever the order, the gate refuses, because the upstream may read the other one.
/// </summary>
internal static class MemberInputs
{
    private static readonly string[] InRoot = ["jsonrpc", "id", "method", "params"];
    private static readonly string[] InParameters = ["name", "arguments", "_meta"];

    /// <summary>Members that an honest call has none of; a variant of them alone is enough to confuse.</summary>
    private static readonly string[] Elsewhere =
        ["uri", "taskId", "requestState", "inputResponses", "result", "error", "task", "requestId", "progressToken", "capabilities", "protocolVersion", "cursor", "notifications"];

    private static readonly string[] InMeta =
        [Bodies.Claim, "io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/clientInfo", "io.modelcontextprotocol/subscriptionId", "io.modelcontextprotocol/logLevel", "io.modelcontextprotocol/related-task", "progressToken"];

    /// <summary>NUL, zero-width, byte order mark, blanks, marks and fillers that a lenient reader drops or shows as nothing.</summary>
    private static readonly char[] Unseen =
        ['\u0000', '\u0001', '\u0009', '\u0020', '\u00a0', '\u00ad', '\u0301', '\u034f', '\u115f', '\u180e', '\u200b', '\u200d', '\u2028', '\u2029', '\u2060', '\u2800', '\u3164', '\ufe0f', '\ufeff', '\uffa0'];

    /// <summary>A value that would change what is called, were it the one that is read.</summary>
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["jsonrpc"] = "\"1.0\"", ["id"] = "7", ["method"] = "\"tools/list\"", ["params"] = """{"name":"add","arguments":{"a":1,"b":2}}""", ["name"] = "\"add\"", ["arguments"] = """{"a":1,"b":2}""", ["_meta"] = "{}", [Bodies.Claim] = "\"2025-11-25\"",
    };

    /// <summary>A04: each protocol member in another case or under another folding, alone, before and after the real one.</summary>
    public static IEnumerable<HostileInput> Variants(Era era) =>
        from place in new[] { "root", "params", "meta" }
        from member in MembersOf(place)
        from variant in Cases(member).Concat(Folds(member)).Where(variant => variant != member).Distinct(StringComparer.Ordinal)
        from input in Placed(era, place, member, variant)
        select input;

    /// <summary>A06: each protocol member with something in it that cannot be seen.</summary>
    public static IEnumerable<HostileInput> UnseenCharacters(Era era) =>
        from place in new[] { "root", "params", "meta" }
        from member in MembersOf(place)
        from character in Unseen
        from variant in WithUnseen(member, character)
        from input in Elsewhere.Contains(member) ? Placed(era, place, member, variant).Take(1) : Placed(era, place, member, variant)
        select input;

    /// <summary>A05: each member of the protocol, and arguments at every depth, twice: both orders, equal and different values.</summary>
    public static IEnumerable<HostileInput> Twice(Era era) => TwiceUnder(era, static member => [member]).Append(Deepest(era));

    /// <summary>A53: the second spelling of the member is written in escapes; and variants written in escapes, which are variants.</summary>
    public static IEnumerable<HostileInput> Escaped(Era era) =>
        TwiceUnder(era, EscapedSpellings).Concat(
            from place in new[] { "root", "params", "meta" }
            from member in MembersOf(place)
            from variant in Cases(member).Where(variant => variant != member).Distinct(StringComparer.Ordinal)
            from input in Placed(era, place, member, Bodies.Escaped(variant))
            select input);

    private static string[] MembersOf(string place) => place switch
    {
        "root" => [.. InRoot, .. Elsewhere],
        "params" => [.. InParameters, .. Elsewhere],
        _ => InMeta,
    };

    private static IEnumerable<string> Cases(string member)
    {
        yield return member.ToUpperInvariant();
        yield return char.ToUpperInvariant(member[0]) + member[1..];
        yield return member[..^1] + char.ToUpperInvariant(member[^1]);
        yield return member.ToLowerInvariant();
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

    private static IEnumerable<string> WithUnseen(string member, char character)
    {
        var escape = "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture);
        yield return member + escape;
        if (character > ' ')
        {
            yield return member + character;
        }

        if (character is '\u0000' or '\u200b' or '\u00ad' or '\ufeff' or '\u0020')
        {
            yield return escape + member;
            yield return member.Insert(1, escape);
        }
    }

    private static IEnumerable<string> EscapedSpellings(string member) =>
        [Bodies.Escaped(member), Bodies.Escaped(member[..1]) + member[1..], member[..^1] + Bodies.Escaped(member[^1..]).ToUpperInvariant().Replace("\\U", "\\u", StringComparison.Ordinal)];

    /// <summary>The variant in the member's stead, before it and after it.</summary>
    private static IEnumerable<HostileInput> Placed(Era era, string place, string member, string variant)
    {
        foreach (var order in new[] { "alone", "before", "after" })
        {
            var body = Build(era, place, members =>
            {
                var at = members.FindIndex(pair => pair.Key == member);
                var value = at < 0 ? Others.GetValueOrDefault(member, "\"x\"") : members[at].Value;
                if (order == "alone" && at >= 0)
                {
                    members.RemoveAt(at);
                }
                else if (order != "alone" && at < 0)
                {
                    members.Add((member, value));
                }

                members.Insert(order == "before" ? 0 : members.Count, (variant, value));
            });
            yield return new HostileInput(body, Expected.NoMessage);
        }
    }

    private static IEnumerable<HostileInput> TwiceUnder(Era era, Func<string, IEnumerable<string>> spellings)
    {
        foreach (var place in new[] { "root", "params", "meta", "arguments", "inner", "listed" })
        {
            var members = new List<(string Key, string Value)>();
            Build(era, place, members.AddRange);
            var cases =
                from member in members
                from spelling in spellings(member.Key)
                from value in new[] { member.Value, Others.GetValueOrDefault(member.Key, "0"), "null" }
                from first in new[] { true, false }
                select Build(era, place, list => list.Insert(first ? 0 : list.Count, (spelling, value)));
            foreach (var body in cases)
            {
                yield return new HostileInput(body, Expected.NoJson);
            }
        }
    }

    private static HostileInput Deepest(Era era)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"x\":", 58)) + """{"a":1,"a":2}""" + new string('}', 58);
        return new HostileInput(Bodies.Call(era == Era.Modern, arguments: deep), Expected.NoJson);
    }

    /// <summary>An honest call whose members at one place are changed.</summary>
    private static string Build(Era era, string place, Action<List<(string Key, string Value)>> change)
    {
        List<(string Key, string Value)> Changed(string name, params (string Key, string Value)[] members)
        {
            var list = members.ToList();
            if (name == place)
            {
                change(list);
            }

            return list;
        }

        var listed = Changed("listed", ("c", "1"), ("\u00e9", "2"));
        var inner = Changed("inner", ("a", "1"), ("b", "[2]"));
        var arguments = Changed("arguments", ("text", "\"hi\""), ("x", Bodies.Join(inner)), ("l", $"[[{Bodies.Join(listed)}]]"));
        var meta = Changed("meta", era == Era.Modern ? [(Bodies.Claim, "\"2026-07-28\""), ("io.modelcontextprotocol/clientCapabilities", "{}")] : [("progressToken", "1")]);
        var parameters = Changed("params", ("name", "\"echo\""), ("arguments", Bodies.Join(arguments)), ("_meta", Bodies.Join(meta)));
        return Bodies.Join(Changed("root", [.. Bodies.Root(era == Era.Modern, Bodies.Join(parameters))]));
    }
}
