using System.Text;

namespace Callgate.Policy.Tests;

/// <summary>Files of cases: what is wrong with one, and what a case that fails says.</summary>
public sealed class CaseFileTests
{
    private const string Policy = "policy: { version: \"1\", default: deny, tools: { x: { action: deny, reason: no }, y: {}, a: { action: require_approval } } }\n";

    [Fact]
    public void Run_CasesThatHold_PassWithNameAndLine()
    {
        var cases = Read(Policy + """
            cases:
            - { name: one, call: { tool: x }, expect: deny, code: policy.denied, rule: /tools/x/action, reason: "no", listed: true }
            - { name: two, call: { tool: "y" }, expect: allow, rule: /tools/y, reason: null, limits: [], durability: process }
            - { name: three, call: { tool: a }, expect: approval, code: approval.required, approval: {} }
            - { name: four, call: { tool: x }, standing: unknown, expect: hide, code: tool.unknown, listed: false }
            """).Cases!;

        Assert.Equal(4, cases.Count);
        Assert.Equal([("one", 3, true), ("two", 4, true), ("three", 5, true), ("four", 6, true)], cases.Run().Select(result => (result.Name, result.Line, result.Passed)));
    }

    [Fact]
    public void Run_ACaseThatFails_SaysAllThatDiffers()
    {
        var result = Assert.Single(Read(Policy + """
            cases:
            - name: one
              call: { tool: x }
              expect: approval
              code: tool.hidden
              rule: /default
              reason: "yes"
              limits: [c 1/day grant /x]
              listed: false
              durability: power
              approval: { approvers: 2, not_requester: true }
            """).Cases!.Run());

        Assert.False(result.Passed);
        Assert.Equal(Effect.Deny, result.Decision.Effect);
        Assert.Equal(
            [
                "expected `approval`, but the call meets `deny` by `/tools/x/action`: `no`",
                "expected the code `tool.hidden`, but it is `policy.denied`",
                "expected the rule `/default`, but it is `/tools/x/action`",
                "expected the reason `yes`, but it is `no`",
                "expected the limit 0 to be `c 1/day grant /x`, but it is none",
                "expected the tool not to be listed, but it is",
                "expected the durability `power`, but it is `process`",
                "expected the approval `3600s, 2 of them, not the requester`, but it is `none`",
            ],
            result.Differences);
    }

    [Theory]
    [InlineData("expect: allow", "expected `allow`, but the call meets `hide` by `(unknown)`", "standing: unknown")]
    [InlineData("expect: deny", "expected `deny`, but the call meets `approval` by `/tools/a/action`", "call: { tool: a }")]
    [InlineData("expect: hide, listed: true", "expected the tool to be listed, but it is not", "standing: unknown")]
    [InlineData("expect: approval, reason: null", "expected the reason none, but it is `ask`", "call: { tool: a }")]
    [InlineData("expect: allow, reason: no", "expected the reason `no`, but it is none", "call: { tool: l }")]
    [InlineData("expect: approval, approval: { timeout: 5m }", "expected the approval `300s, 1 of them`, but it is `3600s, 2 of them, not the requester`", "call: { tool: a }")]
    [InlineData("expect: allow, durability: process", "expected the durability `process`, but it is `power`", "call: { tool: l }")]
    [InlineData("expect: allow, limits: []", "expected the limit 0 to be none, but it is `c 5/day grant /tools/l/limits/0`|expected the limit 1 to be none, but it is `d 2/sliding hour server per 7 amount 3 /tools/l/limits/1`|expected the limit 2 to be none, but it is `e 4 concurrent grant /tools/l/limits/2`", "call: { tool: l, args: { n: 3, p: 7 } }")]
    [InlineData("expect: allow, limits: [c 5/day grant /tools/l/limits/0]", "expected the limit 1 to be none, but it is `d 2/sliding hour server per 7 amount 3 /tools/l/limits/1`|expected the limit 2 to be none, but it is `e 4 concurrent grant /tools/l/limits/2`", "call: { tool: l, args: { n: 3, p: 7 } }")]
    public void Run_ACaseThatFails_SaysWhatCame(string expected, string differences, string given)
    {
        const string Limited = "policy: { version: \"1\", default: deny, tools: { a: { action: require_approval, reason: ask, approval: { approvers: 2, not_requester: true } },"
            + " l: { durability: power, limits: [{ counter: c, window: day, max: 5 }, { counter: d, window: hour, max: 2, sliding: true, scope: server, per: args.p, amount: args.n }, { counter: e, concurrent: 4 }] } } }\n";
        var call = given.StartsWith("call", StringComparison.Ordinal) ? given : "call: { tool: a }, " + given;
        if (!given.Contains("args", StringComparison.Ordinal))
        {
            call = call.Replace("tool: l }", "tool: l, args: { n: 3, p: 7 } }", StringComparison.Ordinal);
        }

        var result = Assert.Single(Read($"{Limited}cases: [{{ name: one, {call}, {expected} }}]").Cases!.Run());

        Assert.Equal(differences, string.Join('|', result.Differences).Replace(": `ask`", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_FactsOfTheFile_HoldForCasesWithoutTheirOwn()
    {
        var results = Read("""
            policy: { version: "1", default: deny, tools: { x: { require: [{ conditions: [{ path: grant.identity, op: eq, value: ann }] }] } } }
            facts: { grant: { identity: ann } }
            cases:
            - { name: of the file, call: { tool: x }, expect: allow }
            - { name: of its own, call: { tool: x }, facts: { grant: { identity: bob } }, expect: deny, code: policy.condition }
            - { name: none, call: { tool: x }, facts: {}, expect: deny, code: policy.unjudgeable }
            """).Cases!.Run();

        Assert.Empty(results.SelectMany(result => result.Differences));
    }

    [Fact]
    public void Read_PolicyByPath_ReadsItInTheSyntaxOfItsName()
    {
        const string Text = "policy: p.yaml\ncases: [{ name: one, call: { tool: x }, expect: deny, code: policy.default_deny }]";
        var asked = new List<string>();
        var reading = Read(Text, path =>
        {
            asked.Add(path);
            return "version: \"1\"\ndefault: deny"u8.ToArray();
        });

        Assert.Equal(["p.yaml"], asked);
        Assert.Equal("p.yaml", reading.PolicyPath);
        Assert.True(Assert.Single(reading.Cases!.Run()).Passed);
    }

    [Fact]
    public void Read_PolicyWithErrorsInAFileOfItsOwn_GivesThemApart()
    {
        var reading = Read("policy: p.json\ncases: [{ name: one, call: { tool: x }, expect: denied }]", _ => "{\"version\":\"1\",\n\"default\":\"den\"}"u8.ToArray());

        Assert.Null(reading.Cases);
        Assert.Equal("/cases/0/expect 2:49 `denied` is none of `allow`, `deny`, `hide`, `approval`", Line(Assert.Single(reading.Diagnostics)));
        Assert.Equal("/default 2:11 `den` is none of `allow`, `deny`", Line(Assert.Single(reading.PolicyDiagnostics)));
    }

    [Fact]
    public void Read_NoPolicyAtAll_RefusesEverything()
    {
        var result = Assert.Single(Read("policy: null\ncases: [{ name: one, call: { tool: x }, expect: deny, code: policy.no_policy, rule: (no policy), listed: false }]").Cases!.Run());

        Assert.True(result.Passed);
    }

    [Fact]
    public void Read_JsonFile_MeansTheSame() =>
        Assert.True(Assert.Single(CaseFile.Read(
            """{"policy":{"version":"1","default":"allow"},"cases":[{"name":"one","call":{"tool":"x"},"expect":"allow","rule":"/default"}]}"""u8.ToArray(),
            PolicySyntax.Json,
            _ => null).Cases!.Run()).Passed);

    [Theory]
    [InlineData("[]", " 1:1 must be an object, not an array")]
    [InlineData("{}", " 1:1 the member `policy` is missing; 1:1 the member `cases` is missing")]
    [InlineData("{ policy: null, cases: [], more: 1 }", "/cases 1:24 there is no case here;/more 1:28 there is no member `more` here")]
    [InlineData("{ policy: null, cases: {} }", "/cases 1:24 must be an array, not an object")]
    [InlineData("{ policy: 1, cases: [CASE] }", "/policy 1:11 must be a policy, the path of one, or null, not a number")]
    [InlineData("{ policy: absent.json, cases: [CASE] }", "/policy 1:11 there is no file `absent.json` to read")]
    [InlineData("{ policy: { version: '1' }, cases: [CASE] }", "/policy 1:11 the member `default` is missing")]
    [InlineData("{ policy: { version: '1', default: deny, tools: { x: { act: 1 } } }, cases: [CASE] }", "/policy/tools/x/act 1:56 there is no member `act` here")]
    [InlineData("{ policy: null, facts: 1, cases: [CASE] }", "/facts 1:24 must be an object, not a number")]
    [InlineData("{ policy: null, description: 1, cases: [CASE] }", "/description 1:30 must be a string, not a number")]
    [InlineData("{ policy: null, cases: [{}] }", "/cases/0 1:25 the member `name` is missing;/cases/0 1:25 the member `call` is missing;/cases/0 1:25 the member `expect` is missing")]
    [InlineData("{ policy: null, cases: [CASE, CASE] }", "/cases/1/name 1:79 two cases have the name `n`")]
    [InlineData("{ policy: null, cases: [{ name: n, call: { tool: x }, expect: allow, code: tool.hidden }] }", "/cases/0/code 1:76 a call that is allowed has no code")]
    [InlineData("{ policy: null, cases: [{ name: n, call: { tool: x }, expect: deny, reason: 1, limits: 1, listed: 1, standing: gone, approval: 1, rule: 1, now: 1, durability: 1, args: 1 }] }",
        "/cases/0/reason 1:77 must be a string, not a number;/cases/0/limits 1:88 must be an array, not a number;/cases/0/listed 1:99 must be a boolean, not a number;"
        + "/cases/0/standing 1:112 `gone` is none of `reviewed`, `unknown`, `drifted`, `asked`, `unavailable`;/cases/0/approval 1:128 must be an object, not a number;"
        + "/cases/0/rule 1:137 must be a string, not a number;/cases/0/now 1:145 must be a string, not a number;/cases/0/durability 1:160 must be a string, not a number;"
        + "/cases/0/args 1:163 there is no member `args` here")]
    [InlineData("{ policy: null, cases: [{ name: n, call: { tool: x }, expect: deny, limits: [1] }] }", "/cases/0/limits/0 1:78 must be a string, not a number")]
    [InlineData("{ policy: null, cases: [{ name: n, call: { tool: x, args: 1 }, expect: deny }] }", "/cases/0/call/args 1:59 must be an object, not a number")]
    public void Read_WhatIsNoFileOfCases_FindsAll(string text, string expected)
    {
        var reading = Read(text.Replace("CASE", "{ name: n, call: { tool: x }, expect: deny }", StringComparison.Ordinal));

        Assert.Null(reading.Cases);
        Assert.Equal(expected.Split(';').Order(StringComparer.Ordinal), reading.Diagnostics.Select(Line).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_CodeNobodyKnows_ListsThem()
    {
        var found = Assert.Single(Read("{ policy: null, cases: [{ name: n, call: { tool: x }, expect: deny, code: policy.denid }] }").Diagnostics);

        Assert.StartsWith("`policy.denid` is none of `policy.no_policy`, ", found.Message, StringComparison.Ordinal);
        Assert.Equal("did you mean `policy.denied`?", found.Suggestion);
    }

    private static CaseReading Read(string text, Func<string, byte[]?>? policyFile = null) =>
        CaseFile.Read(Encoding.UTF8.GetBytes(text), PolicySyntax.Yaml, policyFile ?? (_ => null));

    private static string Line(PolicyDiagnostic found) => $"{found.Pointer} {found.Line}:{found.Column} {found.Message}";
}
