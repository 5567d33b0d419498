using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Finds entries between which a name could not choose (policy language, Which entry applies).</summary>
internal static class EntryCheck
{
    /// <summary>Every pair of globs is compared, so their number is bounded; exact names are not.</summary>
    public const int MostGlobs = 1_000;

    public static void Run(PolicyModel model, DiagnosticSink sink)
    {
        SameName(model.Entries, sink);
        var globs = model.Entries.Where(entry => entry.Pattern.ExactName is null).ToList();
        if (globs.Count > MostGlobs)
        {
            sink.Error(globs[MostGlobs].Node, $"there are more than {MostGlobs} patterns under `tools`", "name the tools, or use fewer patterns");
            return;
        }

        foreach (var family in globs.GroupBy(entry => entry.Pattern.LiteralCount))
        {
            Overlaps([.. family], sink);
        }
    }

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
