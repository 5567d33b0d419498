using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Callgate.Policy.Tests.Reference;

/// <summary>
/// The policy language a second time, written from its specification alone: plain recursion over the document's JSON,
/// nothing compiled, nothing remembered between calls, nothing taken from the engine. The document is a valid one.
/// Truth is <c>bool?</c>: null is unknown, and C#'s own operators on it are the three-valued tables.
/// </summary>
internal sealed class NaiveEvaluator
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });
    private static readonly string[] Strictness = ["allow", "require_approval", "deny", "hide"];

    private static readonly string[] Effects = ["allow", "approve", "deny", "hide"];

    private readonly JsonElement policy;
    private readonly NaiveFacts facts;
    private readonly Action<string, bool?> seen;
    private readonly Dictionary<string, JsonElement?> roots;

    /// <param name="policy">A document that has no errors.</param>
    /// <param name="facts">The call.</param>
    /// <param name="seen">Told every truth value on the way, for counting what a run has covered.</param>
    public NaiveEvaluator(JsonElement policy, NaiveFacts facts, Action<string, bool?>? seen = null)
    {
        this.policy = policy;
        this.facts = facts;
        this.seen = seen ?? ((_, _) => { });
        var now = facts.Now.UtcDateTime;
        roots = new()
        {
            ["args"] = facts.Args ?? Nothing,
            ["grant.label"] = ToJson(facts.Label),
            ["grant.identity"] = ToJson(facts.Identity),
            ["grant.attributes"] = JsonSerializer.SerializeToElement(facts.Attributes),
            ["server.name"] = ToJson(facts.Server),
            ["tool.name"] = ToJson(facts.Tool),
            ["tool.category"] = ToJson(facts.Category),
            ["client.name"] = ToJson(facts.Client),
            ["time.hour"] = JsonSerializer.SerializeToElement(now.Hour),
            ["time.weekday"] = ToJson(now.DayOfWeek.ToString()[..3].ToLowerInvariant()),
        };
    }

    /// <summary>Judges the call, step by step in the order of the specification; the first refusal wins.</summary>
    public NaiveDecision Judge()
    {
        if (facts.Standing == NaiveStanding.DriftedAsked) return Asked();
        var (pointer, entry) = Select() ?? ("", Nothing);
        var action = Action(entry);
        if (facts.Standing == NaiveStanding.ListUnavailable) return new("deny", "upstream.unavailable", "(unknown)", "");
        if (facts.Standing == NaiveStanding.Unknown) return new("hide", "tool.unknown", "(unknown)", "");
        if (HidingRule() is { } rule) return new("hide", "tool.hidden", rule, "");
        if (action == "hide") return new("hide", "tool.hidden", pointer + "/action", "");
        if (facts.Standing == NaiveStanding.Drifted) return new("deny", "definition.drifted", "(unknown)", "");
        if (action == "deny") return new("deny", "policy.denied", pointer + "/action", "");
        if (pointer == "" && TextOf(policy, "default") == "deny") return new("deny", "policy.default_deny", "/default", "");
        if (facts.SchemaMismatch && TextOf(entry, "validation") != "off") return new("deny", "arguments.invalid", "(schema)", "");
        (string, JsonElement)[] places = [("/all_tools", Member(policy, "all_tools") ?? Nothing), (pointer, entry)];
        return RefusalByRules(places) ?? Approval(places, action) ?? Limits(places);
    }

    /// <summary>Judged as reviewed and as shown: the stricter counts, the first of two alike, and what both allow is asked about.</summary>
    private NaiveDecision Asked()
    {
        var reviewed = facts with { Standing = NaiveStanding.Reviewed };
        NaiveDecision[] both = [new NaiveEvaluator(policy, reviewed, seen).Judge(), new NaiveEvaluator(policy, reviewed with { Category = facts.ShownCategory }, seen).Judge()];
        var strictest = both.MaxBy(one => Array.IndexOf(Effects, one.Effect))!;
        return strictest.Effect == "allow" ? new("approve", "approval.required", "(drifted)", "") : strictest;
    }

    // ---- which entry applies

    private (string Pointer, JsonElement Entry)? Select()
    {
        var tools = Member(policy, "tools") ?? Nothing;
        foreach (var tool in tools.EnumerateObject().Where(tool => !IsGlob(tool.Name) && Globs(tool.Name, facts.Tool))) return ("/tools/" + Escaped(tool.Name), tool.Value);
        (string, JsonElement)? glob = tools.EnumerateObject()
            .Where(tool => IsGlob(tool.Name) && Globs(tool.Name, facts.Tool))
            .OrderByDescending(tool => Literals(tool.Name))
            .Select(tool => ("/tools/" + Escaped(tool.Name), tool.Value) as (string, JsonElement)?)
            .FirstOrDefault();
        var categories = Member(policy, "categories") ?? Nothing;
        (string, JsonElement)? category = facts.Category is { } name && Member(categories, name) is { } found
            ? ("/categories/" + name, found)
            : null;
        return glob is { } g && category is { } c
            ? Array.IndexOf(Strictness, Action(c.Item2)) > Array.IndexOf(Strictness, Action(g.Item2)) ? c : g
            : glob ?? category;
    }

    private string? HidingRule()
    {
        if (Member(policy, "hide") is not { } hide) return null;
        if (hide.ValueKind == JsonValueKind.String) return "/hide";
        var index = hide.EnumerateArray().ToList().FindIndex(pattern => Globs(pattern.GetString()!, facts.Tool));
        return index < 0 ? null : $"/hide/{index}";
    }

    // ---- rules, approval, limits

    private static IEnumerable<(string Pointer, JsonElement Json)> Rules((string Pointer, JsonElement Json)[] places, string list) =>
        places.SelectMany(place => (Member(place.Json, list)?.EnumerateArray().ToArray() ?? [])
            .Select((json, index) => ($"{place.Pointer}/{list}/{index}", json)));

    private NaiveDecision? RefusalByRules((string, JsonElement)[] places)
    {
        foreach (var kind in new[] { "deny_if", "require" })
        {
            foreach (var (pointer, rule) in Rules(places, kind))
            {
                var holds = Holds(rule, kind);
                if (holds is null) return new("deny", "policy.unjudgeable", pointer, "");
                if (holds == (kind == "deny_if")) return new("deny", "policy.condition", pointer, "");
            }
        }

        return null;
    }

    private NaiveDecision? Approval((string Pointer, JsonElement)[] places, string action)
    {
        if (action == "require_approval") return new("approve", "approval.required", places[1].Pointer + "/action", "");
        return Rules(places, "approve_if")
            .Where(rule => Holds(rule.Json, "approve_if") != false)
            .Select(rule => new NaiveDecision("approve", "approval.required", rule.Pointer, ""))
            .FirstOrDefault();
    }

    private NaiveDecision Limits((string Pointer, JsonElement Json)[] places)
    {
        var lines = new List<string>();
        foreach (var (pointer, limit) in Rules(places, "limits"))
        {
            var scope = TextOf(limit, "scope") ?? "grant";
            var amount = TextOf(limit, "amount") is { } amountPath ? Amount(Find(amountPath)) : "1";
            var per = TextOf(limit, "per") is { } perPath ? Scalar(Find(perPath)) : "-";
            seen("limit", amount is null || per is null ? null : true);
            if (amount is null || per is null || (scope == "identity" && facts.Identity is null))
            {
                return new("deny", "policy.unjudgeable", pointer, "");
            }

            var sliding = Member(limit, "sliding")?.ValueKind == JsonValueKind.True;
            lines.Add($"counter={TextOf(limit, "counter")} window={Window(limit)} max={Plain(limit, "max")} scope={scope} "
                + $"sliding={(sliding ? "true" : "false")} amount={amount} per={per} concurrent={Plain(limit, "concurrent")} rule={pointer}");
        }

        if (Member(places[1].Json, "rate_limit") is { } rate)
        {
            lines.Add($"counter={facts.Tool}_rate window={Window(rate)} max={Plain(rate, "max")} scope=grant "
                + $"sliding=false amount=1 per=- concurrent=- rule={places[1].Pointer}/rate_limit");
        }

        return new("allow", "", "", string.Join('\n', lines));
    }

    private static string Window(JsonElement limit) => TextOf(limit, "window") switch
    {
        "second" => "1",
        "minute" => "60",
        "hour" => "3600",
        "day" => "86400",
        { } calendar => calendar,
        null => Plain(limit, "window"),
    };

    private static string? Amount(JsonElement? value) =>
        NaiveText.Number(value) is { Sign: > 0 } number && NaiveText.FitsDecimal(number) ? NaiveText.Plain(number) : null;

    private static string? Scalar(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.String when value.Value.GetString()!.Length <= 256 => "string:" + value.Value.GetString(),
        JsonValueKind.Number => NaiveText.Number(value) is { } number ? "number:" + NaiveText.Plain(number) : null,
        JsonValueKind.True => "boolean:true",
        JsonValueKind.False => "boolean:false",
        _ => null,
    };

    // ---- conditions

    private bool? Holds(JsonElement rule, string kind)
    {
        var holds = rule.GetProperty("conditions").EnumerateArray().Select(condition =>
        {
            var (root, steps) = Parse(TextOf(condition, "path")!);
            return Over(root, steps, condition, kind == "require");
        }).Aggregate((bool?)true, (left, right) => left & right);
        seen(kind, holds);
        return holds;
    }

    private bool? Over(JsonElement? start, IEnumerable<string> steps, JsonElement condition, bool require)
    {
        var wanted = TextOf(condition, "op") == "exists" ? condition.GetProperty("value").GetBoolean() : (bool?)null;
        var (at, stuck, rest) = Walk(start, steps);
        if (at is { } many && !stuck && rest.Length > 0)
        {
            var each = many.EnumerateArray().Select(element => Over(element, rest[1..], condition, require)).ToArray();
            var folded = require
                ? each.Aggregate((bool?)true, (left, right) => left & right)
                : each.Aggregate((bool?)false, (left, right) => left | right);
            seen(require ? "[*] and" : "[*] or", folded);
            return folded;
        }

        if (rest == Torn) return null;
        var present = at is { ValueKind: not JsonValueKind.Null } && !stuck;
        var passes = TextOf(condition, "missing") == "pass";
        var holds = wanted is { } exists ? present == exists
            : stuck ? null
            : at is { } fact ? NaiveOperators.Judge(condition, fact, Operand)
            : passes ? require : (bool?)null;
        seen(at is null && wanted is null ? passes ? "missing: pass" : "missing" : TextOf(condition, "op")!, holds);
        return holds;
    }

    /// <summary>A value as written, or the fact it refers to; null where that is missing or unknown.</summary>
    private (JsonElement? Value, bool Literal) Operand(JsonElement written) =>
        written.ValueKind == JsonValueKind.Object ? (Find(TextOf(written, "ref")!), false) : (written, true);

    // ---- paths

    private JsonElement? Find(string path)
    {
        var (root, steps) = Parse(path);
        var (at, stuck, _) = Walk(root, steps);
        return stuck ? null : at;
    }

    private (JsonElement? Root, IEnumerable<string> Steps) Parse(string path)
    {
        var root = roots.Keys.Single(key => Regex.IsMatch(path, $@"\A{Regex.Escape(key)}(?:[.\[]|\z)"));
        var steps = Regex.Matches(path[root.Length..], """\.[A-Za-z0-9_-]+|\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\]""");
        return (roots[root], steps.Select(step => step.Value));
    }

    /// <summary>
    /// Goes to the end of the path or to the array before the next <c>[*]</c>, which is then the first of the rest. No
    /// element is a missing one; stuck is a step into what has no such steps.
    /// </summary>
    private static (JsonElement? At, bool Stuck, string[] Remaining) Walk(JsonElement? start, IEnumerable<string> steps)
    {
        var (at, rest) = (start, steps.ToArray());
        for (; at is { } node && rest.Length > 0; rest = rest[1..])
        {
            var name = rest[0][0] == '.' ? rest[0][1..] : rest[0][1] == '"' ? JsonSerializer.Deserialize<string>(rest[0][1..^1]) : null;
            if (node.ValueKind != (name is null ? JsonValueKind.Array : JsonValueKind.Object)) return (at, true, rest);
            if (rest[0] == "[*]") return (at, false, rest);
            if (name is not null && node.EnumerateObject().Any(member => member.Name != name && Folded(member.Name) == Folded(name))) return (at, true, Torn);
            at = name is not null ? Member(node, name)
                : int.Parse(rest[0][1..^1], CultureInfo.InvariantCulture) is var index && index < node.GetArrayLength() ? node[index]
                : null;
        }

        return (at, false, rest);
    }

    // ---- small things

    // What remains of a path where names differ in case alone.
    private static readonly string[] Torn = ["?"];

    private static string Folded(string name) => name.Replace('\u212a', 'k').Replace('\u017f', 's').ToUpperInvariant();

    private static JsonElement? ToJson(string? text) => text is null ? null : JsonSerializer.SerializeToElement(text);

    private static JsonElement? Member(JsonElement holder, string name) => holder.TryGetProperty(name, out var member) ? member : null;

    private static string? TextOf(JsonElement holder, string name) =>
        Member(holder, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static string Action(JsonElement entry) => TextOf(entry, "action") ?? "allow";

    private static string Plain(JsonElement limit, string name) =>
        NaiveText.Number(Member(limit, name)) is { } number ? NaiveText.Plain(number) : "-";

    private static string Escaped(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static bool IsGlob(string key) => Regex.Replace(key, @"\\.", "", RegexOptions.Singleline).AsSpan().ContainsAny('*', '?');

    internal static int Literals(string glob) => NaiveText.CodePoints(Regex.Replace(glob, @"\\(.)|[*?]", "$1", RegexOptions.Singleline)).Count;

    private static bool Globs(string pattern, string text) => NaiveText.Globs(pattern, text);
}
