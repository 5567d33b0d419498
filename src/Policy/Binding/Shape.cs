using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Which members an object of the language has.</summary>
/// <param name="Known">Every member of the language, those of later versions included.</param>
/// <param name="Required">Those that must be there.</param>
/// <param name="Later">Those that belong to the language and are not judged by this version.</param>
internal sealed record Shape(ImmutableArray<string> Known, ImmutableArray<string> Required, ImmutableArray<string> Later)
{
    public static Shape Document { get; } = new(
        ["version", "description", "default", "mode", "hide", "all_tools", "categories", "tools", "methods", "tests"],
        ["version", "default"],
        ["categories", "tests"]);

    public static Shape AllTools { get; } = new(
        ["require", "deny_if", "approve_if", "limits"], [], ["require", "deny_if", "approve_if"]);

    public static Shape Entry { get; } = new(
        ["action", "reason", "require", "deny_if", "approve_if", "limits", "rate_limit", "approval", "validation", "durability"],
        [],
        ["require", "deny_if", "approve_if", "approval", "validation"]);

    public static Shape Limit { get; } = new(
        ["counter", "window", "sliding", "max", "scope", "per", "amount", "concurrent"],
        ["counter", "window", "max"],
        ["sliding", "per", "amount", "concurrent"]);

    public static Shape RateLimit { get; } = new(["max", "window"], ["max", "window"], []);

    public static Shape Methods { get; } = new(["allow"], [], []);

    /// <summary>Reports what is not an object, unknown, missing or of a later version; false only for what is no object.</summary>
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
                sink.Error(member, $"there is no member {Quote.User(member.Name)} here", Nearest.Suggest(member.Name, Known) ?? HomeOf(member.Name));
            }
            else if (Later.Contains(member.Name) && !SaysNothing(member.Value))
            {
                NotYet(member.Value, $"`{member.Name}`", sink);
            }
        }

        // `concurrent` stands instead of `window` and `max`: one finding about it is enough.
        var asked = this == Limit && node.Find("concurrent") is not null ? Required.Remove("window").Remove("max") : Required;
        foreach (var name in asked.Where(name => node.Find(name) is null))
        {
            sink.Error(node, $"the member `{name}` is missing", $"add `{name}`");
        }

        return true;
    }

    public static void NotYet(Node at, string what, DiagnosticSink sink) =>
        sink.Error(at, $"{what} belongs to the policy language, but this version does not judge it yet", "remove it: what is not judged must not look as if it were");

    /// <summary>Empty rules hold whether or not a version can judge rules, so a document may carry them.</summary>
    private static bool SaysNothing(Node value) =>
        (value.Kind == NodeKind.Array && value.Items.Count == 0 && value.Step is "require" or "deny_if" or "approve_if" or "tests")
        || (value is { Kind: NodeKind.Object, Step: "categories", Members.Count: 0 })
        || (value is { Kind: NodeKind.Boolean, Step: "sliding", Text: "false" });

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
