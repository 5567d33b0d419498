using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>A policy of the stand-in: the small part of the language that scenarios use, judged one condition after the other.</summary>
internal sealed partial class WeakPolicy(JsonElement document, int revision)
{
    private static readonly string[] Members = ["version", "description", "default", "mode", "hide", "all_tools", "categories", "tools", "methods", "tests", "$schema"];

    public int Revision => revision;

    public JsonElement Document => document;

    public static bool IsSound(string text, JsonElement document)
    {
        try
        {
            using var strict = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return false;
        }

        return document.Text("version") == "1" && document.Text("default") is "allow" or "deny" && document.Members().All(static member => Members.Contains(member.Name))
            && document.Member("tools").Members().All(static tool => tool.Value.Members().All(static member => member.Name is "action" or "reason" or "require" or "deny_if" or "approve_if" or "limits" or "rate_limit" or "approval" or "validation"));
    }

    public bool Hides(string tool) => document.Member("hide").Items().Any(hidden => Matches(hidden.AsText() ?? "", tool)) || Entry(tool).Text("action") == "hide";

    public bool Lists(string tool) => !Hides(tool) && (Entry(tool).ValueKind == JsonValueKind.Object || document.Text("default") == "allow");

    public bool OpensMethod(string method) => document.Member("methods").Member("allow").Items().Any(pattern => Matches(pattern.AsText() ?? "", method));

    public JsonElement Entry(string tool)
    {
        var entries = document.Member("tools");
        return entries.Has(tool) ? entries.Member(tool) : entries.Members().Where(entry => entry.Name.Contains('*', StringComparison.Ordinal) && Matches(entry.Name, tool)).Select(static entry => entry.Value).FirstOrDefault();
    }

    /// <summary>What refuses the call; null when nothing does.</summary>
    public string? Refuses(string tool, JsonElement arguments, WeakGrant grant, Func<string, bool> has, string? category)
    {
        var entry = Entry(tool);
        if (entry.ValueKind != JsonValueKind.Object)
        {
            entry = category is null ? default : document.Member("categories").Member(category);
        }

        if (entry.ValueKind != JsonValueKind.Object && document.Text("default") != "allow")
        {
            return "policy.default_deny";
        }

        if (entry.Text("action") == "deny")
        {
            return "policy.denied";
        }

        if (has("no-rules"))
        {
            return null;
        }

        var judge = new WeakConditions(grant, has);
        return entry.Member("deny_if").Items().Any(rule => judge.Holds(rule, arguments) != false) ? "policy.condition"
            : entry.Member("require").Items().Any(rule => judge.Holds(rule, arguments) != true) ? "policy.condition"
            : null;
    }

    /// <summary>Whether a person has to be asked.</summary>
    public bool Asks(string tool, JsonElement arguments, WeakGrant grant, Func<string, bool> has) =>
        Entry(tool).Text("action") == "require_approval" || Entry(tool).Member("approve_if").Items().Any(rule => new WeakConditions(grant, has).Holds(rule, arguments) != false);

    public IEnumerable<JsonElement> Limits(string tool) => document.Member("all_tools").Member("limits").Items().Concat(Entry(tool).Member("limits").Items());

    private static bool Matches(string pattern, string name) =>
        Regex.IsMatch(name, "\\A" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant);
}

/// <summary>Conditions over the arguments of a call: true, false, or null where they cannot be told.</summary>
internal sealed partial class WeakConditions(WeakGrant grant, Func<string, bool> has)
{
    public bool? Holds(JsonElement rule, JsonElement arguments)
    {
        bool? all = true;
        foreach (var condition in rule.Member("conditions").Items())
        {
            var one = Judge(condition, arguments);
            all = one == false ? false : one is null && all == true ? null : all;
        }

        return all;
    }

    private bool? Judge(JsonElement condition, JsonElement arguments)
    {
        var values = new List<JsonElement?> { arguments };
        foreach (var step in (condition.Text("path") ?? "").Split('.')[1..])
        {
            var name = step.Replace("[*]", "", StringComparison.Ordinal);
            values = [.. values.Select(value => Member(value, name))];
            if (step.EndsWith("[*]", StringComparison.Ordinal))
            {
                values = [.. values.SelectMany(value => value is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Take(has("first-element") ? 1 : int.MaxValue).Select(static item => (JsonElement?)item) : [value is { ValueKind: JsonValueKind.Undefined } ? value : null])];
            }
        }

        bool? all = true;
        foreach (var value in values)
        {
            var one = value is null ? null
                : value.Value.ValueKind == JsonValueKind.Undefined ? condition.Text("missing") == "pass" || has("missing-passes") ? true : null
                : Compare(condition.Text("op") ?? "", value.Value, Stated(condition.Member("value")));
            all = one == false ? false : one is null && all == true ? null : all;
        }

        return all;
    }

    /// <summary>A fact of the grant in the place of a value.</summary>
    private JsonElement Stated(JsonElement value) =>
        value.Text("ref") is { } path && path.StartsWith("grant.attributes.", StringComparison.Ordinal) ? grant.More.Member("attributes").Member(path["grant.attributes.".Length..]) : value;

    /// <summary>Undefined where it is missing, null where it cannot be told.</summary>
    private JsonElement? Member(JsonElement? value, string name)
    {
        if (value is not { ValueKind: JsonValueKind.Object } holder)
        {
            return null;
        }

        var variant = holder.EnumerateObject().Any(member => member.Name != name && string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase));
        return variant && !has("missing-passes") && !has("first-element") ? null : holder.Member(name);
    }

    private bool? Compare(string op, JsonElement value, JsonElement stated)
    {
        if (op is "lte" or "lt")
        {
            return value.ValueKind != JsonValueKind.Number ? has("rules-coerce") ? true : null : Number(value) is { } number ? number <= stated.GetDecimal() : has("numbers-as-int") ? true : null;
        }

        if (op is "eq" or "neq")
        {
            return value.ValueKind == stated.ValueKind ? value.ToString() == stated.ToString() == (op == "eq") : null;
        }

        if (value.AsText() is not { } text)
        {
            return has("rules-coerce") ? true : null;
        }

        return op switch
        {
            "in" => stated.Items().Any(item => item.AsText() == text),
            "ends_with" => text.EndsWith(stated.AsText()!, StringComparison.Ordinal),
            "regex" => Pattern(text, stated.AsText()!),
            "path_within" => Within(text, stated[0].AsText()!),
            "host_in" => Host(text, [.. stated.Items().Select(static item => item.AsText()!)]),
            _ => null,
        };
    }

    private decimal? Number(JsonElement value)
    {
        if (has("numbers-as-int"))
        {
            return value.TryGetInt64(out var whole) ? whole : null;
        }

        return value.GetRawText().Count(char.IsDigit) <= 28 && value.TryGetDecimal(out var exact) && !value.GetRawText().Contains("e-4", StringComparison.Ordinal) ? exact : null;
    }

    private bool? Pattern(string text, string pattern)
    {
        if (has("backtracking"))
        {
            // As many engines do it: the time doubles with each character.
            try
            {
                return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(14));
            }
            catch (RegexMatchTimeoutException)
            {
                return null;
            }
        }

        return has("regex-lines") ? Regex.IsMatch(text, pattern, RegexOptions.Multiline) : Regex.IsMatch(text, pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.NonBacktracking);
    }

    private bool? Within(string text, string folder)
    {
        if (has("path-prefix"))
        {
            return text.StartsWith(folder, StringComparison.Ordinal);
        }

        if (text.Length == 0 || text[0] != '/' || text.Any(static character => character is '\\' or '%' or '\0'))
        {
            return null;
        }

        var parts = new List<string>();
        foreach (var part in text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static part => part != "."))
        {
            if (part == ".." && parts.Count == 0)
            {
                return null;
            }

            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        var whole = "/" + string.Join('/', parts);
        return whole == folder || whole.StartsWith(folder + "/", StringComparison.Ordinal);
    }

    private bool? Host(string text, List<string> hosts)
    {
        if (has("host-contains"))
        {
            return hosts.Exists(host => text.Contains(host.TrimStart('*', '.'), StringComparison.Ordinal));
        }

        var found = Address().Match(text);
        return found.Success ? hosts.Exists(host => host == found.Groups[1].Value || (host[0] == '*' && found.Groups[1].Value.EndsWith(host[1..], StringComparison.Ordinal))) : null;
    }

    [GeneratedRegex(@"\Ahttps://([a-z0-9.-]+)(?::[0-9]+)?(?:[/?#][\x21-\x5b\x5d-\x7e]*)?\z")]
    private static partial Regex Address();
}
