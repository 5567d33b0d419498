namespace Callgate.Policy.Binding;

/// <summary>The elements of <c>hide</c> by what they match; the first in document order is the one that counts.</summary>
internal sealed class HideList
{
    private readonly Dictionary<string, NamedPattern> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NamedPattern> globs = new(StringComparer.Ordinal);

    public HideList(IEnumerable<NamedPattern> elements)
    {
        foreach (var element in elements)
        {
            var fresh = element.Pattern.ExactName is { } name ? names.TryAdd(name, element) : globs.TryAdd(element.Pattern.Text, element);
            if (!fresh)
            {
                Repeated.Add(element);
            }
        }

        Globs = [.. globs.Values.OrderBy(glob => glob.Node.Offset)];
    }

    /// <summary>The elements without wildcards, by the name they spell.</summary>
    public IReadOnlyDictionary<string, NamedPattern> Names => names;

    /// <summary>The patterns with wildcards, in document order.</summary>
    public IReadOnlyList<NamedPattern> Globs { get; }

    /// <summary>Elements that an earlier one already spells.</summary>
    public List<NamedPattern> Repeated { get; } = [];

    /// <summary>The element that hides all an entry could match, as far as that shows without comparing patterns.</summary>
    public NamedPattern? Covering(GlobPattern entry) =>
        entry.ExactName is { } name ? First(name) : globs.GetValueOrDefault(entry.Text);

    private NamedPattern? First(string name)
    {
        var exact = names.GetValueOrDefault(name);
        var glob = Globs.FirstOrDefault(one => (exact is null || one.Node.Offset < exact.Node.Offset) && one.Pattern.Matches(name));
        return glob ?? exact;
    }
}
