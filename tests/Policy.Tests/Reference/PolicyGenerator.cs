using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests.Reference;

/// <summary>
/// Valid documents. Half of them ask one question only, so that its answer decides; the others use the whole language.
/// </summary>
internal sealed class PolicyGenerator
{
    private static readonly string[] Windows = ["second", "minute", "hour", "day", "week", "month"];
    private static readonly int[] Seconds = [1, 60, 90, 3600, 604_800];
    private static readonly string[] Scopes = ["grant", "identity", "session", "server", "global"];
    private static readonly string[] AmountPaths = ["args.n", "args.m", "args.nums[0]", "args.deep.x.n", "args.items[0].q", """args["a b"].n"""];
    private static readonly string[] PerPaths =
    [
        .. AmountPaths, "args.s", "args.flag", "args.none", "args.tags", "args.s.inner", "grant.attributes.tenant", "client.name", "time.hour", "server.name",
    ];

    private readonly Draw draw;
    private readonly ConditionGenerator conditions;
    private readonly Dictionary<string, JsonObject> counters;

    private PolicyGenerator(Draw draw)
    {
        this.draw = draw;
        conditions = new(draw);
        counters = Enumerable.Range(0, 6).ToDictionary(index => "c" + index, index => Counter("c" + index));
    }

    public static JsonObject Document(int seed, int index)
    {
        var generator = new PolicyGenerator(new Draw(seed, index, -1));
        return index % 2 == 0 ? generator.Question() : generator.Whole();
    }

    private JsonObject Question()
    {
        var kind = draw.One(["require", "deny_if", "approve_if"]);
        var place = draw.One(["all_tools", "all_tools", "tools", "tools", "categories"]);
        var rules = new JsonObject { [kind] = new JsonArray(Rule(kind, 1, place == "all_tools")) };
        return new()
        {
            ["version"] = "1",
            ["default"] = "allow",
            [place] = place == "all_tools" ? rules : new JsonObject { [place == "tools" ? "*" : "Read"] = rules },
        };
    }

    private JsonObject Whole()
    {
        var document = new JsonObject { ["version"] = "1", ["default"] = draw.One(["allow", "deny"]) };
        if (draw.Chance(20)) document["description"] = "for people";
        if (draw.Chance(30)) document["mode"] = draw.One(["enforce", "shadow"]);
        if (draw.Chance(20)) document["hide"] = draw.Chance(10) ? "*" : new JsonArray([.. Names(3).Select(name => (JsonNode?)name)]);
        if (draw.Chance(50)) document["all_tools"] = AllTools();
        if (draw.Chance(60)) document["categories"] = Entries(draw.Some(Vocabulary.Categories, 4));
        if (draw.Chance(90)) document["tools"] = Entries(Names(5));
        if (draw.Chance(15)) document["methods"] = new JsonObject { ["allow"] = new JsonArray("resources/*", "prompts/*") };
        if (draw.Chance(10)) document["tests"] = new JsonArray();
        return document;
    }

    /// <summary>Exact names, and globs of which no two have the same number of literal code points.</summary>
    private string[] Names(int most) =>
    [
        .. draw.Some([.. Vocabulary.Tools.Where(tool => tool != "star*")], most),
        .. draw.Some(Vocabulary.Globs, most).DistinctBy(NaiveEvaluator.Literals),
    ];

    private JsonObject Entries(IEnumerable<string> names) => new(names.Select(name => KeyValuePair.Create(name, (JsonNode?)Entry())));

    private JsonObject AllTools()
    {
        var all = new JsonObject();
        AddRules(all, true);
        if (draw.Chance(40)) all["limits"] = Limits(["c0", "c1", "c2"]);
        return all;
    }

    private JsonObject Entry()
    {
        var entry = new JsonObject();
        var action = draw.Chance(55) ? null : draw.One(["allow", "deny", "hide", "require_approval", "require_approval"]);
        if (action is not null) entry["action"] = action;
        if (action is "deny" or "require_approval" && draw.Chance(50)) entry["reason"] = "because";
        if (action is not ("deny" or "hide")) AddRules(entry, false);
        if (action is "deny" or "hide") return entry;
        if (draw.Chance(45)) entry["limits"] = Limits(["c3", "c4", "c5"]);
        if (draw.Chance(20)) entry["rate_limit"] = new JsonObject { ["max"] = draw.Below(20), ["window"] = draw.One([1, 60, 90, 86400]) };
        if (draw.Chance(25)) entry["validation"] = draw.One(["schema", "off", "off"]);
        if (draw.Chance(10)) entry["durability"] = draw.One(["process", "power"]);
        if ((action == "require_approval" || entry.ContainsKey("approve_if")) && draw.Chance(30))
        {
            entry["approval"] = new JsonObject { ["timeout"] = "10m", ["approvers"] = draw.Chance(20) ? 2 : 1, ["not_requester"] = draw.Chance(50) };
        }

        return entry;
    }

    private void AddRules(JsonObject holder, bool allTools)
    {
        foreach (var kind in draw.Some(["require", "deny_if", "approve_if"], 2))
        {
            var explicitMissing = allTools && kind == "deny_if";
            var rules = Enumerable.Range(0, 1 + draw.Below(2)).Select(_ => Rule(kind, draw.Chance(8) ? 0 : 1 + draw.Below(3), explicitMissing));
            holder[kind] = new JsonArray([.. rules]);
        }
    }

    private JsonObject Rule(string kind, int count, bool explicitMissing) => new()
    {
        ["conditions"] = new JsonArray([.. Enumerable.Range(0, count).Select(_ => conditions.Condition(explicitMissing && kind == "deny_if"))]),
        [kind == "approve_if" ? "reason" : "on_deny"] = "because",
    };

    private JsonArray Limits(string[] names) => new([.. draw.Some(names, 2).Select(name =>
    {
        var limit = counters[name].DeepClone().AsObject();
        var most = limit.ContainsKey("sliding") ? 1 + draw.Below(100_000) : JsonNode.Parse(draw.One(["0", "1", "5", "5.0", "2.50", "1e3", "100"]));
        if (!limit.ContainsKey("concurrent")) limit["max"] = most;
        return limit;
    })]);

    /// <summary>All of a limit but its <c>max</c>: the same name is the same counter wherever it stands.</summary>
    private JsonObject Counter(string name)
    {
        var limit = new JsonObject { ["counter"] = name };
        if (draw.Chance(60)) limit["scope"] = draw.One(Scopes);
        if (draw.Chance(35)) limit["per"] = draw.One(PerPaths);
        if (draw.Chance(15))
        {
            limit["concurrent"] = 1 + draw.Below(5);
            return limit;
        }

        var window = draw.One(Windows);
        limit["window"] = draw.Chance(60) ? window : draw.One(Seconds);
        if (draw.Chance(20) && window != "month") limit["sliding"] = true;
        if (draw.Chance(35)) limit["amount"] = draw.One(AmountPaths);
        return limit;
    }
}
