using Callgate.Policy.Binding;

namespace Callgate.Policy.Comparing;

/// <summary>Something whose treatment is compared.</summary>
/// <param name="Text">How it is shown.</param>
/// <param name="Name">A tool's name; for patterns and categories one that only they are likely to match.</param>
internal sealed record Subject(string Kind, string Text, string Name, ToolCategory? Category);

/// <summary>What to compare.</summary>
internal static class Subjects
{
    /// <summary>A name that no document names.</summary>
    private const string Unnamed = "‹any other›";

    public static IEnumerable<Subject> Of(IReadOnlyList<OfferedTool> tools) =>
        tools.OrderBy(tool => tool.Name, StringComparer.Ordinal).Select(tool => new Subject("tool", tool.Name, tool.Name, tool.Category));

    /// <summary>Every name, pattern and category that one of the two mentions, and a tool that neither does.</summary>
    public static IEnumerable<Subject> Of(PolicySide before, PolicySide after)
    {
        GlobPattern[] patterns = [.. Patterns(before.Model), .. Patterns(after.Model)];
        var names = patterns.Select(pattern => pattern.ExactName).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var globs = patterns.Where(pattern => pattern.ExactName is null).DistinctBy(pattern => pattern.Text, StringComparer.Ordinal).OrderBy(pattern => pattern.Text, StringComparer.Ordinal);
        var categories = before.Model.Categories.Concat(after.Model.Categories).Select(entry => entry.Category).Distinct().Order();
        return
        [
            .. names.Select(name => new Subject("tool", name, name, null)),
            .. globs.Select(glob => new Subject("pattern", glob.Text, glob.Sample(Unnamed), null)),
            .. categories.Select(category => new Subject("category", category.ToString(), Unnamed, category)),
            new Subject("others", "", Unnamed, null),
        ];
    }

    private static IEnumerable<GlobPattern> Patterns(PolicyModel model) => model.Hidden.Select(hidden => hidden.Pattern).Concat(model.Entries.Select(entry => entry.Pattern));
}
