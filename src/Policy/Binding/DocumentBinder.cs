using System.Collections.Immutable;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Tree to model: every member of the language in one place, each finding reported.</summary>
internal static class DocumentBinder
{
    private static readonly ImmutableArray<(string, Effect)> Defaults = [("allow", Effect.Allow), ("deny", Effect.Deny)];

    private static readonly ImmutableArray<(string, bool)> Modes = [("enforce", false), ("shadow", true)];

    public static PolicyModel Bind(Node root, DiagnosticSink sink)
    {
        if (!Shape.Document.Check(root, sink))
        {
            return new PolicyModel();
        }

        // For editors alone: where they find the description of the language.
        Values.Text(root.Find("$schema"), sink);
        Version(root.Find("version"), sink);
        var hide = root.Find("hide");
        var (allRules, allLimits) = AllTools(root.Find("all_tools"), sink);
        return new PolicyModel
        {
            Root = root,
            Description = Values.Text(root.Find("description"), sink),
            Default = Values.Choice(root.Find("default"), Defaults, sink) ?? Effect.Deny,
            HideAll = hide is { Kind: NodeKind.String, Text: "*" } ? hide : null,
            Hidden = Hidden(hide, sink),
            IsShadow = Values.Choice(root.Find("mode"), Modes, sink) ?? false,
            AllRules = allRules,
            AllLimits = allLimits,
            Entries = EntryBinder.Entries(root.Find("tools"), sink),
            Categories = EntryBinder.Categories(root.Find("categories"), sink),
            Methods = Methods(root.Find("methods"), sink),
            Tests = TestBinder.Tests(root.Find("tests"), sink),
        };
    }

    /// <summary>The patterns of a list; a name without wildcards is a pattern that matches one name.</summary>
    private static List<NamedPattern> Patterns(Node list, DiagnosticSink sink)
    {
        var patterns = new List<NamedPattern>();
        if (!Values.Is(list, NodeKind.Array, sink))
        {
            return patterns;
        }

        foreach (var item in list.Items.Where(item => Values.Is(item, NodeKind.String, sink)))
        {
            if (GlobPattern.Parse(item.Text, out var fault) is { } pattern)
            {
                patterns.Add(new NamedPattern(pattern, item));
            }
            else
            {
                sink.Error(item, fault);
            }
        }

        var globs = patterns.Where(pattern => pattern.Pattern.ExactName is null).Skip(GlobPattern.MostInAList).Take(1);
        foreach (var tooMany in globs)
        {
            EntryCheck.TooMany(tooMany.Node, sink);
        }

        return patterns;
    }

    private static void Version(Node? node, DiagnosticSink sink)
    {
        if (node is { Kind: NodeKind.Number, Text: "1" })
        {
            sink.Error(node, "must be a string, not a number", "write \"1\"");
        }
        else if (node is not null && Values.Is(node, NodeKind.String, sink) && node.Text != "1")
        {
            sink.Error(node, $"there is no version {Quote.User(node.Text)} of the policy language", "write \"1\"");
        }
    }

    private static (RuleSet Rules, IReadOnlyList<BoundLimit> Limits) AllTools(Node? node, DiagnosticSink sink) =>
        node is not null && Shape.AllTools.Check(node, sink)
            ? (RuleBinder.OfAllTools(node, sink), LimitBinder.Limits(node.Find("limits"), sink))
            : (RuleSet.Empty, []);

    private static List<NamedPattern> Hidden(Node? node, DiagnosticSink sink)
    {
        if (node is null or { Kind: NodeKind.String, Text: "*" })
        {
            return [];
        }

        if (node.Kind == NodeKind.Array)
        {
            return Patterns(node, sink);
        }

        sink.Error(node, "must be a list of names and patterns, or the string `*`", node.Kind == NodeKind.String ? "put the name in brackets" : null);
        return [];
    }

    private static List<NamedPattern> Methods(Node? node, DiagnosticSink sink) =>
        node is not null && Shape.Methods.Check(node, sink) && node.Find("allow") is { } allow ? Patterns(allow, sink) : [];
}
