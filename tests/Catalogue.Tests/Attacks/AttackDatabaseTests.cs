using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue.Attacks;
using Xunit;

namespace Callgate.Catalogue.Tests.Attacks;

/// <summary>What the check of the attack database refuses, each by an entry that is wrong in one thing alone.</summary>
public sealed class AttackDatabaseTests
{
    private const string Good = """
        {
          "id": "A01", "slug": "a-slug", "title": "A title", "category": "access", "actor": "client", "status": "verified", "stops": "yes",
          "summary": "What it is.", "preconditions": ["One"], "steps": ["First", "Then"], "wire": "{}",
          "applies_to": { "categories": ["Destructive"], "signals": ["bulk"] }, "taxonomy": ["MCP07"], "properties": ["S4"], "guards": ["G4"], "cases": ["K25"],
          "policy": { "version": "1", "default": "deny" }, "stopped_when": ["approval"], "what_stops_it": "This.", "does_not_stop": "That.", "scenario": "A01"
        }
        """;

    private const string Terms = """
        {
          "categories": { "access": { "name": "Access", "says": "One." } },
          "properties": { "S4": { "name": "Hidden", "says": "One." } },
          "guards": { "G4": { "name": "Exact", "says": "One." } },
          "limits": { "tokens": { "name": "Tokens", "says": "One." } },
          "frameworks": [{ "name": "List", "link": "https://example.com", "ids": { "MCP07": "Weak" } }]
        }
        """;

    private const string Cases = """{ "K25": { "name": "It was done.", "date": "2026-03-25", "links": ["https://example.com/case"] } }""";

    [Fact]
    public void Read_AGoodEntry_HasNoFaultAndKeepsItsWords()
    {
        var database = Read(Good);

        Assert.Equal([], database.Faults);
        var entry = Assert.Single(database.Entries);
        Assert.Same(entry, database.Find("a-slug"));
        Assert.Same(entry, database.FindById("A01"));
        Assert.Equal(["First", "Then"], entry.Steps);
        Assert.Equal([RiskCategory.Destructive], entry.AppliesTo.Tools.Categories);
        Assert.Equal([RiskSignalKind.Bulk], entry.AppliesTo.Tools.Signals);
        Assert.Equal([AttackRemedy.Approval], entry.StoppedWhen);
        Assert.Equal("2026-03-25", database.FindCase("K25")?.Date);
        Assert.Equal("Weak", database.Terms.Find("MCP07")?.Term.Name);
        Assert.Null(database.Find("A01"));
        Assert.Null(database.Find("../a-slug"));
    }

    [Theory]
    [InlineData("id", "\"A1\"", "A01: `A1` is no id; write a letter and two digits")]
    [InlineData("id", "\"B02\"", "A01: its id is `B02`, and its file is named otherwise")]
    [InlineData("slug", "\"A Slug\"", "A01: `A Slug` is no slug; write words of lower-case letters and digits with dashes between")]
    [InlineData("slug", "\"-a\"", "A01: `-a` is no slug; write words of lower-case letters and digits with dashes between")]
    [InlineData("also_known_as", "[\"a-slug\"]", "A01, A01: the slug `a-slug` is there more than once")]
    [InlineData("title", "\"  \"", "A01: `title` is no text, or empty")]
    [InlineData("title", "7", "A01: `title` is no text, or empty")]
    [InlineData("category", "\"other\"", "A01: there is no category `other`")]
    [InlineData("actor", "\"nobody\"", "A01: `actor` is one of client, server, third_party, operator, not `nobody`")]
    [InlineData("status", "\"sure\"", "A01: `status` is one of verified, reported, theoretical, not `sure`")]
    [InlineData("stops", "\"no\"", "A01: `stops` is one of yes, partly, not yet, not `no`")]
    [InlineData("steps", "[]", "A01: `steps` is missing or empty")]
    [InlineData("steps", "\"First\"", "A01: `steps` is no list")]
    [InlineData("properties", "[\"S4\",\"S19\"]", "A01: there is no property `S19`")]
    [InlineData("properties", "[\"S4\",\"S4\"]", "A01: `properties` names `S4` twice")]
    [InlineData("guards", "[\"G21\"]", "A01: there is no guard `G21`")]
    [InlineData("taxonomy", "[\"MCP11\"]", "A01: no framework has the id `MCP11`")]
    [InlineData("cases", "[\"K99\"]", "A01: there is no case `K99`")]
    [InlineData("cases", "[]", "A01: is verified without a public case; name one in `cases`, or say `reported` or `theoretical`")]
    [InlineData("related", "[\"Z99\"]", "A01: there is no other attack `Z99`")]
    [InlineData("related", "[\"A01\"]", "A01: there is no other attack `A01`")]
    [InlineData("limit", "\"none\"", "A01: there is no limit `none`")]
    [InlineData("policy", "{\"bad\":true}", "A01: `policy` does not compile: it is bad")]
    [InlineData("stopped_when", "[\"prayer\"]", "A01: `stopped_when` holds approval, limit, amount and rule, not `prayer`")]
    [InlineData("stopped_when", "[\"rule\"]", "A01: `rule_operators` goes with `rule` in `stopped_when`, and not without")]
    [InlineData("rule_operators", "[\"like\"]", "A01: there is no operator `like`")]
    [InlineData("applies_to", "\"all\"", "A01: `applies_to` is `any tool`, `the gate` or an object, not `all`")]
    [InlineData("applies_to", "{}", "A01: applies_to: needs capabilities of tools (`categories`, `signals`), or `methods`")]
    [InlineData("applies_to", "{\"categories\":[\"Bad\"]}", "A01: applies_to: there is no category `Bad`; use Read, Write, Execute, Destructive, Financial, Other")]
    [InlineData("applies_to", "{\"categories\":[\"3\"]}", "A01: applies_to: there is no category `3`; use Read, Write, Execute, Destructive, Financial, Other")]
    [InlineData("applies_to", "{\"signals\":[\"smell\"]}", "A01: applies_to: there is no signal `smell`; use")]
    [InlineData("applies_to", "{\"signals\":[\"url\"],\"tools\":[\"x\"]}", "A01: applies_to: there is no member `tools`")]
    [InlineData("applies_to", "{\"signals\":[\"url\"],\"with\":{\"methods\":[\"x\"]}}", "A01: applies_to/with: there is no member `methods`")]
    [InlineData("applies_to", "\"the gate\"", "A01: `stopped_when` is about tools, and `applies_to` names none")]
    [InlineData("stops", "\"not yet\"", "A01: says `not yet` and `stopped_when`; one of the two is wrong")]
    [InlineData("scenario", "\"A02\"", "A01: there is no scenario `A02`")]
    [InlineData("notes", "\"x\"", "A01: there is no member `notes`")]
    public void Read_OneMemberWrong_IsRefused(string member, string value, string fault) => AssertFault(fault, Read(With(member, value)));

    [Theory]
    [InlineData("id")]
    [InlineData("slug")]
    [InlineData("title")]
    [InlineData("category")]
    [InlineData("actor")]
    [InlineData("status")]
    [InlineData("stops")]
    [InlineData("summary")]
    [InlineData("preconditions")]
    [InlineData("steps")]
    [InlineData("wire")]
    [InlineData("applies_to")]
    [InlineData("taxonomy")]
    [InlineData("properties")]
    [InlineData("what_stops_it")]
    [InlineData("does_not_stop")]
    [InlineData("scenario")]
    public void Read_AMemberMissing_IsRefused(string member) => AssertFault($"A01: `{member}` is missing", Read(With(member, null)));

    [Fact]
    public void Read_StoppedByNothing_IsRefused()
    {
        var value = Object(Good);
        value.Remove("policy");
        value.Remove("guards");
        value.Remove("stopped_when");

        AssertFault("A01: is stopped by nothing; name `guards` or give a `policy`", Read(value.ToJsonString()));
    }

    [Fact]
    public void Read_RuleWithoutASignal_IsRefused()
    {
        var value = Object(Good);
        (value["applies_to"], value["stopped_when"], value["rule_operators"]) = (JsonNode.Parse("""{ "categories": ["Read"] }"""), JsonNode.Parse("""["rule"]"""), JsonNode.Parse("""["eq"]"""));

        AssertFault("A01: `rule` looks at arguments that show a signal, and `applies_to` names no signal", Read(value.ToJsonString()));
    }

    [Fact]
    public void Read_TwoEntriesOfOneIdOrSlug_AreRefused()
    {
        var other = Object(Good);
        other["id"] = "A02";
        var database = AttackDatabase.Read(Parse(Terms), Parse(Cases), [("A01", Parse(Good)), ("A02", Parse(Good)), ("A03", Parse(other.ToJsonString()))], Compiles);

        AssertFault("A01, A02: the id `A01` is there more than once", database);
        AssertFault("A01, A02, A03: the slug `a-slug` is there more than once", database);
    }

    [Theory]
    [InlineData("""{ "K25": { "name": "x", "date": "March", "links": ["https://example.com"] } }""", "cases: K25: `March` is no date; write a year, a month or a day such as 2026-02-16")]
    [InlineData("""{ "K25": { "name": "x", "date": "2026-13", "links": ["https://example.com"] } }""", "cases: K25: `2026-13` is no date; write a year, a month or a day such as 2026-02-16")]
    [InlineData("""{ "K25": { "name": "x", "date": "2026-02-30", "links": ["https://example.com"] } }""", "cases: K25: `2026-02-30` is no date; write a year, a month or a day such as 2026-02-16")]
    [InlineData("""{ "K25": { "name": "x", "links": ["https://example.com"] } }""", "cases: K25: `date` is missing")]
    [InlineData("""{ "K25": { "name": "x", "date": "2026", "links": [] } }""", "cases: K25: `links` is missing or empty")]
    [InlineData("""{ "K25": { "name": "x", "date": "2026", "links": ["http://example.com"] } }""", "cases: K25: `http://example.com` is no https address")]
    [InlineData("""{ "K25": { "name": "x", "date": "2026", "links": ["javascript:alert(1)"] } }""", "cases: K25: `javascript:alert(1)` is no https address")]
    [InlineData("""{ "K25": { "name": "x", "date": "2026", "links": ["https://example.com"], "seen": true } }""", "cases: K25: there is no member `seen`")]
    [InlineData("[]", "cases: is no object")]
    public void ReadCases_AWrongCase_IsRefused(string cases, string fault) =>
        AssertFault(fault, AttackDatabase.Read(Parse(Terms), Parse(cases), [("A01", Parse(Good))], Compiles));

    [Theory]
    [InlineData("""{ "frameworks": [] }""", "terms: `frameworks` is missing or empty")]
    [InlineData("""{ "frameworks": [] }""", "terms: `guards` is missing, or no object")]
    [InlineData("""{ "properties": { "S1": { "name": "x" } } }""", "terms: S1: `says` is missing")]
    [InlineData("""{ "frameworks": [{ "name": "x", "link": "ftp://example.com", "ids": {} }] }""", "terms: frameworks: `ftp://example.com` is no https address")]
    [InlineData("""{ "frameworks": [{ "name": "x", "link": "https://example.com", "ids": { "A": 7 } }] }""", "terms: frameworks: `A` has no name")]
    [InlineData("7", "terms: is no object")]
    public void ReadTerms_AWrongWord_IsRefused(string terms, string fault) =>
        AssertFault(fault, AttackDatabase.Read(Parse(terms), Parse(Cases), [], Compiles));

    [Fact]
    public void Read_WithoutScenariosAtHand_AsksOnlyForTheirNaming() =>
        Assert.Equal([], AttackDatabase.Read(Parse(Terms), Parse(Cases), [("A01", Parse(With("scenario", "\"A77\"")))], Compiles).Faults);

    [Fact]
    public void Against_ATool_FindsWhatNamesItsCapabilities()
    {
        var needsBoth = Object(Good);
        (needsBoth["id"], needsBoth["slug"], needsBoth["applies_to"]) = ("A02", "b-slug", JsonNode.Parse("""{ "signals": ["sends-out"], "with": { "signals": ["reads-private-data"] } }"""));
        var any = Object(Good);
        (any["id"], any["slug"], any["applies_to"]) = ("A03", "c-slug", "any tool");
        var database = AttackDatabase.Read(Parse(Terms), Parse(Cases), [("A01", Parse(Good)), ("A02", Parse(needsBoth.ToJsonString())), ("A03", Parse(any.ToJsonString()))], Compiles);
        RiskSignal Signal(RiskSignalKind kind) => new(kind, new ClassificationEvidence("x", "name", "y"));

        Assert.Equal([], database.Faults);
        Assert.Equal(["A01"], database.Against(RiskCategory.Destructive, []).Select(static entry => entry.Id));
        Assert.Equal(["A01"], database.Against(null, []).Select(static entry => entry.Id));
        Assert.Equal(["A01"], database.Against(RiskCategory.Read, [Signal(RiskSignalKind.Bulk)]).Select(static entry => entry.Id));
        Assert.Equal(["A02"], database.Against(RiskCategory.Read, [Signal(RiskSignalKind.ReadsPrivateData)]).Select(static entry => entry.Id));
        Assert.Equal(["A02"], database.Against(RiskCategory.Read, [Signal(RiskSignalKind.SendsOut)]).Select(static entry => entry.Id));
        Assert.Empty(database.Against(RiskCategory.Read, []));
        Assert.Equal([AttackScope.AnyTool], database.FindById("A03")!.AppliesTo.Capabilities);
        Assert.Equal(["sends-out", "reads-private-data"], database.FindById("A02")!.AppliesTo.Capabilities);
    }

    private static void AssertFault(string fault, AttackDatabase database) =>
        Assert.Contains(database.Faults, found => found.StartsWith(fault, StringComparison.Ordinal));

    private static AttackDatabase Read(string entry) => AttackDatabase.Read(Parse(Terms), Parse(Cases), [("A01", Parse(entry))], Compiles, new HashSet<string> { "A01" });

    private static string? Compiles(JsonElement policy) => policy.TryGetProperty("bad", out _) ? "it is bad" : null;

    private static string With(string member, string? value)
    {
        var entry = Object(Good);
        entry.Remove(member);
        if (value is not null)
        {
            entry[member] = JsonNode.Parse(value);
        }

        return entry.ToJsonString();
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    private static JsonElement Parse(string json) => JsonElement.Parse(json);
}
