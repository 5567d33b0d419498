using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads paths.</summary>
internal static class FactPathBinder
{
    public static FactPath? Any(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Values.Is(node, NodeKind.String, sink))
        {
            return null;
        }

        var path = FactPath.Parse(node.Text, out var fault);
        if (path is null)
        {
            sink.Error(node, $"the path {Quote.User(node.Text)} {fault}", Nearest.Suggest(node.Text, FactPath.RootNames) ?? "write `args.name`, `args.list[0]`, `args.list[*]`, `args[\"any name\"]`, or a fact such as `grant.identity`");
        }

        return path;
    }

    /// <summary>A path that leads to one value.</summary>
    public static FactPath? Single(Node? node, DiagnosticSink sink)
    {
        var path = Any(node, sink);
        if (path is not { HasEach: true })
        {
            return path;
        }

        sink.Error(node!, "`[*]` leads to many values, and one is needed here", "name one element, such as `[0]`");
        return null;
    }
}
