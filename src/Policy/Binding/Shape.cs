using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Which members an object of the language has.</summary>
/// <param name="Known">Every member of the language.</param>
/// <param name="Required">Those that must be there.</param>
internal sealed record Shape(ImmutableArray<string> Known, ImmutableArray<string> Required)
{
    public static Shape Document { get; } = new(
        ["$schema", "version", "description", "default", "mode", "hide", "all_tools", "categories", "tools", "methods", "tests"], ["version", "default"]);

    public static Shape AllTools { get; } = new(["require", "deny_if", "approve_if", "limits"], []);

    public static Shape Entry { get; } = new(
        ["action", "reason", "require", "deny_if", "approve_if", "limits", "rate_limit", "approval", "validation", "durability"], []);

    public static Shape Refusing { get; } = new(["conditions", "on_deny"], ["conditions"]);

    public static Shape Asking { get; } = new(["conditions", "reason"], ["conditions"]);

    public static Shape Condition { get; } = new(["path", "op", "value", "missing", "schemes"], ["path", "op", "value"]);

    public static Shape Reference { get; } = new(["ref"], ["ref"]);

    public static Shape Limit { get; } = new(
        ["counter", "window", "sliding", "max", "scope", "per", "amount", "concurrent"], ["counter", "window", "max"]);

    public static Shape Concurrent { get; } = new(Limit.Known, ["counter"]);

    public static Shape RateLimit { get; } = new(["max", "window"], ["max", "window"]);

    public static Shape Approval { get; } = new(["timeout", "approvers", "not_requester"], []);

    public static Shape Methods { get; } = new(["allow"], []);

    public static Shape Test { get; } = new(["call", "facts", "server", "expect", "rule", "now"], ["call", "expect"]);

    public static Shape Call { get; } = new(["tool", "args"], ["tool"]);

    public static Shape Facts { get; } = new(["grant", "tool", "client", "server"], []);

    public static Shape GrantFacts { get; } = new(["label", "identity", "attributes"], []);

    public static Shape ToolFacts { get; } = new(["category"], []);

    public static Shape Named { get; } = new(["name"], []);

    public static Shape CaseFile { get; } = new(["description", "policy", "facts", "cases"], ["policy", "cases"]);

    public static Shape Case { get; } = new(
        ["name", "call", "facts", "standing", "shown", "schema", "now", "expect", "code", "rule", "reason", "limits", "listed", "durability", "approval"], ["name", "call", "expect"]);

    /// <summary>Reports what is not an object, unknown or missing; false only for what is no object.</summary>
    public bool Check(Node node, DiagnosticSink sink)
    {
        if (!Values.Is(node, NodeKind.Object, sink))
        {
            return false;
        }

        foreach (var member in node.Members)
        {
            if (!Known.Contains(member.Name))
            {
                sink.Error(member, $"there is no member {Quote.User(member.Name)} here", Nearest.Suggest(member.Name, Known) ?? Twin(member.Name) ?? HomeOf(member.Name));
            }
        }

        foreach (var name in Required.Where(name => node.Find(name) is null))
        {
            sink.Error(node, $"the member `{name}` is missing", $"add `{name}`");
        }

        return true;
    }

    /// <summary>The text of a rule has one name where it refuses, and another where it asks.</summary>
    private string? Twin(string name) => name switch
    {
        "reason" when Known.Contains("on_deny") => "did you mean `on_deny`?",
        "on_deny" when Known.Contains("reason") => "did you mean `reason`?",
        _ => null,
    };

    private static string? HomeOf(string name)
    {
        if (Document.Known.Contains(name))
        {
            return $"`{name}` belongs to the top of the document";
        }

        if (Entry.Known.Contains(name))
        {
            var orAll = AllTools.Known.Contains(name) ? " or to `all_tools`" : "";
            return $"`{name}` belongs to an entry under `tools`{orAll}";
        }

        return Limit.Known.Contains(name) ? $"`{name}` belongs to an element of `limits`" : null;
    }
}
