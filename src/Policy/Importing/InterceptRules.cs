using System.Globalization;
using System.Text.Json.Nodes;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Importing;

/// <summary>The rules of one tool of the older proxy, or of all tools where no name is given, as an entry of ours.</summary>
internal sealed class InterceptRules(string? tool, DiagnosticSink sink)
{
    private readonly JsonArray denyIf = [];
    private readonly JsonArray require = [];
    private readonly JsonArray approveIf = [];
    private readonly JsonArray limits = [];
    private readonly HashSet<string> counters = new(StringComparer.Ordinal);
    private JsonObject? approval;
    private bool lost;

    public void Read(Member member)
    {
        var rules = member.Value.Kind == NodeKind.Object ? member.Value.Find("rules") : null;
        foreach (var other in member.Value.Members.Where(one => one.Name != "rules"))
        {
            Lose(other.Value, $"{Quote.User(other.Name)} beside `rules` is not known");
        }

        if (rules is null or { Kind: NodeKind.Null })
        {
            return;
        }

        if (rules.Kind != NodeKind.Array)
        {
            Lose(rules, "`rules` must be a list");
        }

        foreach (var rule in rules.Items)
        {
            Rule(rule);
        }
    }

    public JsonObject ToEntry()
    {
        if (lost)
        {
            denyIf.Insert(0, (JsonNode)new JsonObject { ["conditions"] = new JsonArray(), ["on_deny"] = "A rule of this tool was not carried over; ask the operator." });
        }

        var entry = new JsonObject();
        foreach (var (name, list) in new[] { ("deny_if", denyIf), ("require", require), ("approve_if", approveIf), ("limits", limits) })
        {
            if (list.Count > 0)
            {
                entry[name] = list;
            }
        }

        if (approval is not null)
        {
            entry["approval"] = approval;
        }

        return entry;
    }

    private void Rule(Node rule)
    {
        if (rule.Kind != NodeKind.Object)
        {
            Lose(rule, "is no rule");
            return;
        }

        foreach (var member in rule.Members.Where(member => member.Name is not ("name" or "action" or "rate_limit" or "conditions" or "on_deny" or "state" or "approval_timeout")))
        {
            Lose(member.Value, $"{Quote.User(member.Name)} of a rule has no counterpart");
        }

        if (rule.Find("rate_limit") is { } rate)
        {
            if (rule.Find("conditions") is not null || rule.Find("state") is not null || rule.Find("action") is { Text: not "evaluate" })
            {
                Lose(rate, "`rate_limit` stood alone in a rule, without conditions, state and action");
            }

            RateLimit(rate, rule);
            return;
        }

        switch (rule.Find("action")?.Text)
        {
            case "deny":
                if (rule.Find("conditions") is { Items.Count: > 0 } idle)
                {
                    sink.Note(idle, "conditions beside `action: deny` were never read, and are left out");
                }

                denyIf.Add((JsonNode)RuleOf([], rule, "on_deny"));
                break;
            case "require_approval":
                Approval(rule);
                break;
            case null or "evaluate":
                Evaluate(rule);
                break;
            default:
                Lose(rule.Find("action")!, $"there is no action {Quote.User(rule.Find("action")!.Text)}");
                break;
        }
    }

    private void Approval(Node rule)
    {
        var conditions = Conditions(rule.Find("conditions")?.Items ?? [], isQuestion: true);
        if (conditions is null)
        {
            return;
        }

        approveIf.Add((JsonNode)RuleOf(conditions, rule, "reason"));
        if (rule.Find("approval_timeout") is not { } timeout)
        {
            return;
        }

        if (tool is null || approval is not null)
        {
            sink.Error(timeout, tool is null ? "how long an approval waits is said by each tool here, not for all" : "a tool has one time for all its approvals here; the first counts");
            return;
        }

        approval = new JsonObject { ["timeout"] = timeout.Text };
    }

    private void Evaluate(Node rule)
    {
        var items = rule.Find("conditions")?.Items ?? [];
        var own = items.Where(IsState).ToList();
        var others = items.Where(item => !IsState(item)).ToList();
        if (others.Count > 0 && Conditions(others, isQuestion: false) is { } conditions)
        {
            require.Add((JsonNode)RuleOf(conditions, rule, "on_deny"));
        }

        if (rule.Find("state") is { } state)
        {
            State(state, own, rule);
        }
        else
        {
            foreach (var foreign in own)
            {
                Lose(foreign, "reads a counter of another rule, which no condition can here");
            }
        }
    }

    /// <summary>A counter and the condition on it are one limit here.</summary>
    private void State(Node state, List<Node> own, Node rule)
    {
        var counter = state.Find("counter")?.Text ?? "";
        var mine = own.Where(condition => condition.Find("path")!.Text == $"state.{tool ?? "_global"}.{counter}" && condition.Find("op")?.Text is "lt" or "lte").ToList();
        foreach (var foreign in own.Except(mine))
        {
            Lose(foreign, "reads a counter in a way that no limit has here");
        }

        if (mine.Count == 0)
        {
            sink.Note(state, "this counter was counted and never limited, so it is left out");
            return;
        }

        var increment = state.Find("increment");
        var step = 1m;
        if (mine.Count > 1 || counter.Length == 0 || (increment is not null && !(decimal.TryParse(increment.Text, NumberStyles.None, CultureInfo.InvariantCulture, out step) && step > 0))
            || !decimal.TryParse(mine[0].Find("value")?.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var most))
        {
            Lose(state, "this counter cannot be read as one limit");
            return;
        }

        // Their counts are whole numbers: below 10 is at most 9, and steps of 3 fit three times into it.
        most = decimal.Floor(Math.Max(0, mine[0].Find("op")!.Text == "lt" ? most - 1 : most) / step);
        var amount = state.Find("increment_from") is { } from ? InterceptPath.Of(from.Text) : null;
        if (state.Find("increment_from") is { } unread && amount is null)
        {
            Lose(unread, $"{Quote.User(unread.Text)} is no path to an argument");
            return;
        }

        Limit(state, $"{tool ?? "all"}_{counter}", state.Find("window")?.Text, most, amount);
        Silent(rule);
    }

    private void RateLimit(Node rate, Node rule)
    {
        var parts = rate.Text.Split('/');
        if (parts.Length != 2 || !decimal.TryParse(parts[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var most))
        {
            Lose(rate, $"{Quote.User(rate.Text)} is no `N/minute`, `N/hour` or `N/day`");
            return;
        }

        Limit(rate, $"{tool ?? "all"}_rate_{parts[1].Trim()}", parts[1].Trim(), most, null);
        Silent(rule);
    }

    private void Limit(Node at, string counter, string? window, decimal most, string? amount)
    {
        if (window is not ("minute" or "hour" or "day") || !counters.Add(counter))
        {
            Lose(at, window is "minute" or "hour" or "day" ? "one call would meet this counter twice" : $"{Quote.User(window ?? "")} is no window; there are `minute`, `hour` and `day`");
            return;
        }

        var limit = new JsonObject { ["counter"] = counter, ["window"] = window, ["max"] = most, ["scope"] = "server" };
        if (amount is not null)
        {
            limit["amount"] = amount;
        }

        limits.Add((JsonNode)limit);
        sink.Note(at, "counts the calls of all grants together, as it did", "use the scope `grant` to count each agent by itself");
    }

    private void Silent(Node rule)
    {
        if (rule.Find("on_deny") is { } text && !require.Any(one => one!["on_deny"]?.GetValue<string>() == text.Text))
        {
            sink.Note(text, "a limit has no text of its own: the agent reads when to call again");
        }
    }

    private JsonArray? Conditions(List<Node> items, bool isQuestion)
    {
        var conditions = new JsonArray();
        foreach (var item in items)
        {
            if (InterceptPath.Condition(item, isQuestion, sink, out var why) is not { } condition)
            {
                Lose(item, why);
                return null;
            }

            conditions.Add((JsonNode)condition);
        }

        return conditions;
    }

    private static bool IsState(Node condition) =>
        condition.Kind == NodeKind.Object && condition.Find("path") is { Kind: NodeKind.String } path && path.Text.StartsWith("state.", StringComparison.Ordinal);

    private static JsonObject RuleOf(JsonArray conditions, Node rule, string text)
    {
        var made = new JsonObject { ["conditions"] = conditions };
        if (rule.Find("on_deny") is { Kind: NodeKind.String } told)
        {
            made[text] = told.Text;
        }

        return made;
    }

    private void Lose(Node at, string why)
    {
        lost = true;
        sink.Error(at, why, tool is null ? "every call is refused until this is written anew" : "calls of this tool are refused until this is written anew");
    }
}
