using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Finds entries between which a name could not choose (policy language, Which entry applies).</summary>
internal static class EntryCheck
{
    public static void Run(PolicyModel model, DiagnosticSink sink)
    {
        SameName(model.Entries, sink);
        var globs = model.Entries.Where(entry => entry.Pattern.ExactName is null).ToList();
        if (globs.Count > GlobPattern.MostInAList)
        {
            TooMany(globs[GlobPattern.MostInAList].Node, sink);
            return;
        }

        foreach (var family in globs.GroupBy(entry => entry.Pattern.LiteralCount))
        {
            Overlaps([.. family], sink);
        }
    }

    public static void TooMany(Node at, DiagnosticSink sink) =>
        sink.Error(at, $"there are more than {GlobPattern.MostInAList} patterns with wildcards here", "write out names, or use wider patterns");

    /// <summary>Two keys can spell one name, since escapes are free: <c>ab</c> and <c>a\b</c>.</summary>
    private static void SameName(IReadOnlyList<ToolEntry> entries, DiagnosticSink sink)
    {
        var first = new Dictionary<string, ToolEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.Pattern.ExactName is { } name && !first.TryAdd(name, entry))
            {
                sink.Error(entry.Node, $"names the same tool as {Quote.User(first[name].Pattern.Text)}", "keep one of the two entries");
            }
        }
    }

    private static void Overlaps(ToolEntry[] family, DiagnosticSink sink)
    {
        for (var later = 1; later < family.Length; later++)
        {
            var rival = family.Take(later).FirstOrDefault(earlier => earlier.Pattern.Intersects(family[later].Pattern));
            if (rival is not null)
            {
                sink.Error(
                    family[later].Node,
                    $"{Quote.User(family[later].Pattern.Text)} and {Quote.User(rival.Pattern.Text)} can match one name and have equally many literal characters",
                    "make one of the patterns longer, or name the tools");
            }
        }
    }
}
