using System.Text.Json;

namespace Callgate.Policy.Tests.Reference;

/// <summary>The naive evaluator by itself, each case a sentence of the specification.</summary>
public sealed class NaiveEvaluatorTests
{
    private const string Args = """
        {"n": 12.0, "zero": -0, "big": 1e29, "digits": 12345678901234567890123456789, "s": "a😀b", "empty": "", "none": null, "yes": true,
         "tags": ["x", "y"], "mixed": ["x", 1], "nothing": [], "list": [1, 2, 3], "o": {"k": 1},
         "items": [{"q": 1, "p": [1]}, {"q": 5, "p": []}, {"p": [9]}], "rows": [[1, 2], []], "a b": {"c\"d": "é"},
         "path": "/srv/data/../data/./x", "up": "/srv/../../x", "enc": "/srv/data/%2e%2E/x", "percent": "/srv/data/100%",
         "url": "HTTPS://API.Example.com.:8443/a?b#c", "user": "https://example.com@evil.org/", "plain": "http://example.com/"}
        """;

    [Theory]
    [InlineData("""{"path": "args.n", "op": "eq", "value": 1.2e1}""", "true")]
    [InlineData("""{"path": "args.zero", "op": "eq", "value": 0}""", "true")]
    [InlineData("""{"path": "args.n", "op": "eq", "value": "12"}""", "unknown")]
    [InlineData("""{"path": "args.n", "op": "neq", "value": "12"}""", "unknown")]
    [InlineData("""{"path": "args.n", "op": "neq", "value": 13}""", "true")]
    [InlineData("""{"path": "args.yes", "op": "eq", "value": false}""", "false")]
    [InlineData("""{"path": "args.none", "op": "eq", "value": null}""", "true")]
    [InlineData("""{"path": "args.none", "op": "neq", "value": null}""", "false")]
    [InlineData("""{"path": "args.n", "op": "neq", "value": null}""", "unknown")]
    [InlineData("""{"path": "args.none", "op": "eq", "value": {"ref": "args.none"}}""", "unknown")]
    [InlineData("""{"path": "args.o", "op": "eq", "value": {"ref": "args.o"}}""", "unknown")]
    [InlineData("""{"path": "args.list[0]", "op": "eq", "value": {"ref": "args.o.k"}}""", "true")]
    [InlineData("""{"path": "args.big", "op": "gt", "value": 1}""", "unknown")]
    [InlineData("""{"path": "args.digits", "op": "eq", "value": 1}""", "unknown")]
    [InlineData("""{"path": "args.n", "op": "lt", "value": 12.01}""", "true")]
    [InlineData("""{"path": "args.n", "op": "lte", "value": 12}""", "true")]
    [InlineData("""{"path": "args.n", "op": "gt", "value": 12}""", "false")]
    [InlineData("""{"path": "args.n", "op": "gte", "value": {"ref": "args.s"}}""", "unknown")]
    [InlineData("""{"path": "args.n", "op": "in", "value": [1, {"ref": "args.gone"}, 12]}""", "true")]
    [InlineData("""{"path": "args.n", "op": "in", "value": [1, {"ref": "args.gone"}]}""", "unknown")]
    [InlineData("""{"path": "args.n", "op": "in", "value": []}""", "false")]
    [InlineData("""{"path": "args.n", "op": "not_in", "value": []}""", "true")]
    [InlineData("""{"path": "args.n", "op": "not_in", "value": ["12"]}""", "unknown")]
    [InlineData("""{"path": "args.list[1]", "op": "in", "value": {"ref": "args.list"}}""", "true")]
    [InlineData("""{"path": "args.n", "op": "in", "value": {"ref": "args.o"}}""", "unknown")]
    [InlineData("""{"path": "args.s", "op": "contains", "value": "😀"}""", "true")]
    [InlineData("""{"path": "args.s", "op": "contains", "value": 1}""", "unknown")]
    [InlineData("""{"path": "args.mixed", "op": "contains", "value": 1}""", "true")]
    [InlineData("""{"path": "args.mixed", "op": "contains", "value": 2}""", "unknown")]
    [InlineData("""{"path": "args.tags", "op": "not_contains", "value": "z"}""", "true")]
    [InlineData("""{"path": "args.nothing", "op": "contains", "value": "z"}""", "false")]
    [InlineData("""{"path": "args.n", "op": "contains", "value": "1"}""", "unknown")]
    [InlineData("""{"path": "args.s", "op": "exists", "value": true}""", "true")]
    [InlineData("""{"path": "args.none", "op": "exists", "value": true}""", "false")]
    [InlineData("""{"path": "args.s.deeper", "op": "exists", "value": false}""", "true")]
    [InlineData("""{"path": "args.big", "op": "exists", "value": true}""", "true")]
    [InlineData("""{"path": "args.s", "op": "regex", "value": "^a.b$"}""", "true")]
    [InlineData("""{"path": "args.s", "op": "regex", "value": "\\w\\w"}""", "false")]
    [InlineData("""{"path": "args.s", "op": "not_regex", "value": "[b-z]{1,2}$"}""", "false")]
    [InlineData("""{"path": "args.n", "op": "not_regex", "value": "a"}""", "unknown")]
    [InlineData("""{"path": "args.s", "op": "starts_with", "value": "a😀"}""", "true")]
    [InlineData("""{"path": "args.s", "op": "ends_with", "value": ""}""", "true")]
    [InlineData("""{"path": "args.empty", "op": "ends_with", "value": "b"}""", "false")]
    [InlineData("""{"path": "args.s", "op": "glob", "value": "a?b"}""", "true")]
    [InlineData("""{"path": "args.path", "op": "glob", "value": "/*\\/x"}""", "true")]
    [InlineData("""{"path": "args.s", "op": "glob", "value": "a"}""", "false")]
    [InlineData("""{"path": "args.path", "op": "path_within", "value": ["/srv/data"]}""", "true")]
    [InlineData("""{"path": "args.path", "op": "path_within", "value": ["/srv/dat", "/home"]}""", "false")]
    [InlineData("""{"path": "args.up", "op": "path_within", "value": ["/"]}""", "unknown")]
    [InlineData("""{"path": "args.enc", "op": "path_within", "value": ["/srv"]}""", "unknown")]
    [InlineData("""{"path": "args.percent", "op": "path_within", "value": ["/srv/data/100%", {"ref": "args.s"}]}""", "true")]
    [InlineData("""{"path": "args.percent", "op": "path_within", "value": ["/home", {"ref": "args.s"}]}""", "unknown")]
    [InlineData("""{"path": "args.s", "op": "path_within", "value": ["/"]}""", "unknown")]
    [InlineData("""{"path": "args.url", "op": "host_in", "value": ["api.example.com"]}""", "true")]
    [InlineData("""{"path": "args.url", "op": "host_in", "value": ["*.EXAMPLE.com"]}""", "true")]
    [InlineData("""{"path": "args.url", "op": "host_in", "value": ["example.com", "*.api.example.com"]}""", "false")]
    [InlineData("""{"path": "args.user", "op": "host_in", "value": ["example.com"]}""", "unknown")]
    [InlineData("""{"path": "args.plain", "op": "host_in", "value": ["example.com"]}""", "unknown")]
    [InlineData("""{"path": "args.plain", "op": "host_in", "value": ["example.com"], "schemes": ["http"]}""", "true")]
    [InlineData("""{"path": "args.s", "op": "length_lte", "value": 3}""", "true")]
    [InlineData("""{"path": "args.tags", "op": "length_lte", "value": 1}""", "false")]
    [InlineData("""{"path": "args.o", "op": "length_lte", "value": 9}""", "unknown")]
    [InlineData("""{"path": "args.gone", "op": "eq", "value": 1}""", "unknown")]
    [InlineData("""{"path": "args.s.deeper", "op": "eq", "value": 1, "missing": "pass"}""", "unknown")]
    [InlineData("""{"path": "args.list[3]", "op": "eq", "value": 1}""", "unknown")]
    [InlineData("""{"path": "args[\"a b\"][\"c\\\"d\"]", "op": "eq", "value": "é"}""", "true")]
    [InlineData("""{"path": "args.n", "op": "eq", "value": {"ref": "args.gone"}, "missing": "pass"}""", "unknown")]
    [InlineData("""{"path": "time.hour", "op": "eq", "value": 0}""", "true")]
    [InlineData("""{"path": "time.weekday", "op": "eq", "value": "thu"}""", "true")]
    [InlineData("""{"path": "grant.identity", "op": "exists", "value": false}""", "true")]
    [InlineData("""{"path": "client.name", "op": "eq", "value": "x"}""", "unknown")]
    [InlineData("""{"path": "grant.attributes.tenant", "op": "eq", "value": "acme"}""", "true")]
    public void Condition_OnePath_HasTheSameTruthInEveryRule(string condition, string truth)
    {
        Assert.Equal(truth, Truth(condition, "require"));
        Assert.Equal(truth, Truth(condition, "deny_if"));
        Assert.Equal(truth == "false" ? "false" : "approve", Truth(condition, "approve_if"));
    }

    [Theory]
    [InlineData("""{"path": "args.gone", "op": "eq", "value": 1, "missing": "pass"}""", "true", "false")]
    [InlineData("""{"path": "args.o.gone.deeper", "op": "eq", "value": 1, "missing": "pass"}""", "true", "false")]
    [InlineData("""{"path": "args.list[*]", "op": "gte", "value": 1}""", "true", "true")]
    [InlineData("""{"path": "args.list[*]", "op": "gte", "value": 2}""", "false", "true")]
    [InlineData("""{"path": "args.nothing[*]", "op": "gte", "value": 2}""", "true", "false")]
    [InlineData("""{"path": "args.gone[*]", "op": "gte", "value": 2}""", "unknown", "unknown")]
    [InlineData("""{"path": "args.gone[*]", "op": "gte", "value": 2, "missing": "pass"}""", "true", "false")]
    [InlineData("""{"path": "args.n[*]", "op": "gte", "value": 2, "missing": "pass"}""", "unknown", "unknown")]
    [InlineData("""{"path": "args.items[*].q", "op": "gte", "value": 1}""", "unknown", "true")]
    [InlineData("""{"path": "args.items[*].q", "op": "gte", "value": 1, "missing": "pass"}""", "true", "true")]
    [InlineData("""{"path": "args.items[*].q", "op": "gt", "value": 1}""", "false", "true")]
    [InlineData("""{"path": "args.items[*].q", "op": "gt", "value": 5}""", "false", "unknown")]
    [InlineData("""{"path": "args.items[*].q", "op": "gt", "value": 5, "missing": "pass"}""", "false", "false")]
    [InlineData("""{"path": "args.items[*].p[*]", "op": "lt", "value": 9}""", "false", "true")]
    [InlineData("""{"path": "args.rows[*][*]", "op": "gt", "value": 0}""", "true", "true")]
    [InlineData("""{"path": "args.rows[*][1]", "op": "eq", "value": 2}""", "unknown", "true")]
    [InlineData("""{"path": "args.items[*].q", "op": "exists", "value": true}""", "false", "true")]
    [InlineData("""{"path": "args.items[*].q", "op": "exists", "value": false}""", "false", "true")]
    [InlineData("""{"path": "args.gone[*]", "op": "exists", "value": true}""", "false", "false")]
    [InlineData("""{"path": "args.n[*]", "op": "exists", "value": false}""", "true", "true")]
    [InlineData("""{"path": "args.nothing[*]", "op": "exists", "value": true}""", "true", "false")]
    public void Condition_MissingOrElements_DependsOnTheKindOfRule(string condition, string require, string deny)
    {
        Assert.Equal(require, Truth(condition, "require"));
        Assert.Equal(deny, Truth(condition, "deny_if"));
        Assert.Equal(deny == "false" ? "false" : "approve", Truth(condition, "approve_if"));
    }

    [Theory]
    [InlineData("", "true")]
    [InlineData("true, true", "true")]
    [InlineData("true, unknown", "unknown")]
    [InlineData("unknown, false", "false")]
    [InlineData("false, unknown", "false")]
    [InlineData("false, true", "false")]
    public void Conditions_Several_AreJoinedByThreeValuedAnd(string truths, string expected)
    {
        var conditions = truths.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(truth => truth switch
        {
            "true" => """{"path": "args.n", "op": "eq", "value": 12}""",
            "false" => """{"path": "args.n", "op": "eq", "value": 13}""",
            _ => """{"path": "args.gone", "op": "eq", "value": 13}""",
        });
        Assert.Equal(expected, Truth(string.Join(',', conditions), "require"));
        Assert.Equal(expected, Truth(string.Join(',', conditions), "deny_if"));
    }

    [Theory]
    [InlineData("read_a", null, """{"tools": {"read_a": {"action": "deny"}, "read_*": {}}}""", "deny policy.denied /tools/read_a/action")]
    [InlineData("read_b", null, """{"tools": {"*": {"action": "deny"}, "read_?": {}, "r*": {"action": "deny"}}}""", "allow")]
    [InlineData("read_b", null, """{"tools": {"write_*": {}}}""", "deny policy.default_deny /default")]
    [InlineData("read_b", "Write", """{"tools": {"read_*": {}}, "categories": {"Write": {"action": "require_approval"}}}""", "approve approval.required /categories/Write/action")]
    [InlineData("read_b", "Write", """{"tools": {"read_*": {"action": "deny"}}, "categories": {"Write": {"action": "require_approval"}}}""", "deny policy.denied /tools/read_*/action")]
    [InlineData("read_b", "Write", """{"tools": {"read_b": {}}, "categories": {"Write": {"action": "hide"}}}""", "allow")]
    [InlineData("read_b", "Write", """{"categories": {"Write": {}}}""", "allow")]
    [InlineData("read_b", "Write", """{"categories": {"Write": {"action": "hide"}}}""", "hide tool.hidden /categories/Write/action")]
    [InlineData("read_b", null, """{"tools": {"read_b": {}}, "hide": ["x", "read*"]}""", "hide tool.hidden /hide/1")]
    [InlineData("read_b", null, """{"tools": {"read_b": {}}, "hide": "*"}""", "hide tool.hidden /hide")]
    [InlineData("a/b~", null, """{"tools": {"a/b~": {"action": "deny"}}}""", "deny policy.denied /tools/a~1b~0/action")]
    [InlineData("a*", null, """{"tools": {"a\\*": {}}}""", "allow")]
    [InlineData("ab", null, """{"tools": {"a\\*": {}}}""", "deny policy.default_deny /default")]
    public void Entry_ForATool_IsTheMostSpecific(string tool, string? category, string members, string expected) =>
        Assert.Equal(expected, Decide(members, new() { Tool = tool, Category = category }));

    [Theory]
    [InlineData("ListUnavailable", true, """{"hide": "*"}""", "deny upstream.unavailable (unknown)")]
    [InlineData("Unknown", true, """{"hide": "*"}""", "hide tool.unknown (unknown)")]
    [InlineData("Drifted", true, """{"hide": "*"}""", "hide tool.hidden /hide")]
    [InlineData("Drifted", true, """{"tools": {"t": {"action": "deny"}}}""", "deny definition.drifted (unknown)")]
    [InlineData("Reviewed", true, """{"tools": {"t": {"action": "deny"}}}""", "deny policy.denied /tools/t/action")]
    [InlineData("Reviewed", true, """{"tools": {"t": {"deny_if": [NEVER]}}}""", "deny arguments.invalid (schema)")]
    [InlineData("Reviewed", true, """{"tools": {"t": {"validation": "off", "deny_if": [NEVER]}}}""", "deny policy.condition /tools/t/deny_if/0")]
    [InlineData("Reviewed", false, """{"all_tools": {"require": [FAILS]}, "tools": {"t": {"deny_if": [NEVER]}}}""", "deny policy.condition /tools/t/deny_if/0")]
    [InlineData("Reviewed", false, """{"all_tools": {"deny_if": [FAILS, UNKNOWN, NEVER]}, "tools": {"t": {}}}""", "deny policy.unjudgeable /all_tools/deny_if/1")]
    [InlineData("Reviewed", false, """{"tools": {"t": {"require": [UNKNOWN, FAILS]}}}""", "deny policy.unjudgeable /tools/t/require/0")]
    [InlineData("Reviewed", false, """{"tools": {"t": {"action": "require_approval", "require": [FAILS]}}}""", "deny policy.condition /tools/t/require/0")]
    [InlineData("Reviewed", false, """{"all_tools": {"approve_if": [NEVER]}, "tools": {"t": {"action": "require_approval"}}}""", "approve approval.required /tools/t/action")]
    [InlineData("Reviewed", false, """{"all_tools": {"approve_if": [FAILS, UNKNOWN]}, "tools": {"t": {"approve_if": [NEVER]}}}""", "approve approval.required /all_tools/approve_if/1")]
    [InlineData("Reviewed", false, """{"all_tools": {"approve_if": [FAILS]}, "tools": {"t": {"mode": "shadow", "approve_if": [FAILS]}}}""", "allow")]
    public void Judgement_SeveralReasons_NamesTheFirst(string standing, bool mismatch, string members, string expected)
    {
        var filled = members.Replace("NEVER", """{"conditions": []}""", StringComparison.Ordinal)
            .Replace("FAILS", """{"conditions": [{"path": "args.n", "op": "eq", "value": 2}]}""", StringComparison.Ordinal)
            .Replace("UNKNOWN", """{"conditions": [{"path": "args.x", "op": "eq", "value": 2}]}""", StringComparison.Ordinal);
        Assert.Equal(expected, Decide(filled, new()
        {
            Tool = "t",
            Standing = Enum.Parse<NaiveStanding>(standing),
            SchemaMismatch = mismatch,
            Args = JsonSerializer.Deserialize<JsonElement>("""{"n": 1}"""),
        }));
    }

    [Theory]
    [InlineData("""{"counter": "c", "window": "minute", "max": 5}""", "counter=c window=60 max=5 scope=grant sliding=false amount=1 per=- concurrent=- rule=/tools/t/limits/0")]
    [InlineData("""{"counter": "c", "window": "week", "max": 2.50, "scope": "server", "amount": "args.n", "per": "args.m"}""", "counter=c window=week max=2.5 scope=server sliding=false amount=12 per=number:1200 concurrent=- rule=/tools/t/limits/0")]
    [InlineData("""{"counter": "c", "window": 90, "max": 5, "sliding": true, "per": "args.b"}""", "counter=c window=90 max=5 scope=grant sliding=true amount=1 per=boolean:true concurrent=- rule=/tools/t/limits/0")]
    [InlineData("""{"counter": "c", "concurrent": 3, "per": "args.s"}""", "counter=c window=- max=- scope=grant sliding=false amount=1 per=string:12 concurrent=3 rule=/tools/t/limits/0")]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "per": "args.none"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "per": "args.list"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "per": "args.gone"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "amount": "args.s"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "amount": "args.zero"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "amount": "args.big"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "amount": "args.wide"}""", null)]
    [InlineData("""{"counter": "c", "window": "day", "max": 5, "scope": "identity"}""", null)]
    public void Limit_Judged_TellsWhatIsCharged(string limit, string? expected)
    {
        var args = """{"n": 12.0, "m": 1.2e3, "b": true, "s": "12", "none": null, "list": [], "zero": -0.0, "big": 1e40, "wide": 9e28}""";
        Assert.Equal(
            expected is null ? "deny policy.unjudgeable /tools/t/limits/0" : "allow " + expected,
            Decide($$$$"""{"tools": {"t": {"limits": [{{{{limit}}}}]}}}""", new() { Tool = "t", Args = JsonSerializer.Deserialize<JsonElement>(args) }));
    }

    [Theory]
    [InlineData("https://example.com", "example.com")]
    [InlineData("https://example.com:65535/", "example.com")]
    [InlineData("https://example.com:65536/", null)]
    [InlineData("https://example.com:/", null)]
    [InlineData("https://example.com../", null)]
    [InlineData("https://example.com?x", null)]
    [InlineData("https://example.com/a b", null)]
    [InlineData("https://example.com\\@evil.org/", null)]
    [InlineData("https://exa_mple.com/", null)]
    [InlineData("https://-a.example.com/", null)]
    [InlineData("https://10.0.0.1./", "10.0.0.1")]
    [InlineData("https://[2001:DB8::1]:443/", "[2001:db8::1]")]
    [InlineData("https://[::ffff:10.0.0.1]/", null)]
    [InlineData("https://[1:2:3:4:5:6:7:8]/", "[1:2:3:4:5:6:7:8]")]
    [InlineData("https://[1:2:3:4:5:6:7]/", null)]
    [InlineData("https://[:::1]/", null)]
    [InlineData("https://[fe80::1%25eth0]/", null)]
    [InlineData("//example.com/", null)]
    [InlineData("https://example.com/\n", null)]
    [InlineData("https://example.com/é", null)]
    public void HostOf_Url_IsReadStrictly(string url, string? host) => Assert.Equal(host, NaiveText.HostOf(url, ["https"]));

    [Theory]
    [InlineData("-0.0", "0")]
    [InlineData("1.20e2", "120")]
    [InlineData("0e999999999999", "0")]
    [InlineData("1e28", "10000000000000000000000000000")]
    [InlineData("1e29", null)]
    [InlineData("10e28", null)]
    [InlineData("-1e-28", "-0.0000000000000000000000000001")]
    [InlineData("1e-29", null)]
    [InlineData("12345678901234567890123456780", "12345678901234567890123456780")]
    [InlineData("12345678901234567890123456789", null)]
    public void Number_Text_IsExactOrUnknown(string text, string? plain) =>
        Assert.Equal(plain, NaiveText.Number(text) is { } number ? NaiveText.Plain(number) : null);

    [Theory]
    [InlineData("^a|b$", "xb", true)]
    [InlineData("a$", "a\n", false)]
    [InlineData("a.c", "a\nc", false)]
    [InlineData("(ab|c){2,3}$", "xabcab", true)]
    [InlineData("^(?:ab){2,}$", "ab", false)]
    [InlineData("^(a*)*$", "aaa", true)]
    [InlineData("^[^a-c\\d]+?$", "x-é", true)]
    [InlineData("[a-]\\.\\S", "-.😀", true)]
    [InlineData("^\\s$", "\u000b", false)]
    [InlineData("", "", true)]
    public void Finds_Pattern_IsUnanchored(string pattern, string text, bool found) => Assert.Equal(found, NaiveRegex.Finds(pattern, text));

    [Fact]
    public void Limits_OfAllToolsAndOfAGlob_ComeInOrder() => Assert.Equal(
        """
        allow counter=a window=1 max=1 scope=grant sliding=false amount=1 per=- concurrent=- rule=/all_tools/limits/0
        counter=b window=month max=2 scope=grant sliding=false amount=1 per=- concurrent=- rule=/tools/*/limits/0
        counter=t_rate window=60 max=10 scope=grant sliding=false amount=1 per=- concurrent=- rule=/tools/*/rate_limit
        """,
        Decide(
            """
            {"all_tools": {"limits": [{"counter": "a", "window": "second", "max": 1}]},
             "tools": {"*": {"rate_limit": {"max": 10, "window": 60}, "limits": [{"counter": "b", "window": "month", "max": 2}]}}}
            """,
            new() { Tool = "t" }));

    private static string Truth(string conditions, string kind)
    {
        var policy = $$$"""{"default": "allow", "all_tools": {"{{{kind}}}": [{"conditions": [{{{conditions}}}]}]}}""";
        var decision = Decide(policy, new()
        {
            Tool = "t",
            Args = JsonSerializer.Deserialize<JsonElement>(Args),
            Attributes = new Dictionary<string, string> { ["tenant"] = "acme" },
        });
        return decision.Split(' ') switch
        {
            [_, "policy.unjudgeable", _] => "unknown",
            ["approve", ..] => "approve",
            ["deny", ..] => kind == "require" ? "false" : "true",
            _ => kind == "require" ? "true" : "false",
        };
    }

    private static string Decide(string policy, NaiveFacts facts)
    {
        var whole = policy.Contains("\"default\"", StringComparison.Ordinal) ? policy : policy.Insert(1, "\"default\": \"deny\", ");
        var document = JsonSerializer.Deserialize<JsonElement>(whole);
        var decision = new NaiveEvaluator(document, facts).Judge();
        return string.Join(' ', new[] { decision.Effect, decision.Code, decision.Rule, decision.Limits }.Where(part => part != ""));
    }
}
