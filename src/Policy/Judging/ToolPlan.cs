namespace Callgate.Policy.Judging;

/// <summary>Everything a policy says about one name, found once: whether it is hidden, and how it is treated under each category.</summary>
internal sealed class ToolPlan(string tool, Decision? hidden, CompiledEntry? exact, CompiledEntry? glob, CategoryEntries categories, CompiledEntry? byDefault)
{
    private readonly Treatment? byName = Treat(exact ?? glob ?? byDefault, tool);
    private readonly Treatment?[] byCategory = new Treatment?[CategoryEntries.Count];

    /// <summary>What <c>hide</c> says; null when it does not name the tool.</summary>
    public Decision? Hidden => hidden;

    /// <summary>The entry under <c>tools</c> that names it, whatever its category; null where none does.</summary>
    public CompiledEntry? Named => exact ?? glob;

    /// <summary>The entry that applies, what <c>default: allow</c> means without one, or null under <c>default: deny</c> (policy language, Which entry applies).</summary>
    public Treatment? For(ToolCategory? category)
    {
        if (exact is not null || category is not { } named || categories.Find(named) is not { } entry || (glob is not null && entry.Action.Strictness() <= glob.Action.Strictness()))
        {
            return byName;
        }

        // Two threads may make it twice; both are the same.
        return byCategory[(int)named] ??= new Treatment(entry, tool);
    }

    private static Treatment? Treat(CompiledEntry? entry, string tool) => entry is null ? null : new Treatment(entry, tool);
}

/// <summary>The entries under <c>categories</c>.</summary>
internal sealed class CategoryEntries
{
    public static readonly int Count = Enum.GetValues<ToolCategory>().Length;

    private readonly CompiledEntry?[] entries = new CompiledEntry?[Count];

    public CategoryEntries(IEnumerable<(ToolCategory Category, CompiledEntry Entry)> entries)
    {
        foreach (var (category, entry) in entries)
        {
            this.entries[(int)category] = entry;
        }
    }

    /// <summary>Null also for a category that this version does not know.</summary>
    public CompiledEntry? Find(ToolCategory category) => (uint)category < (uint)entries.Length ? entries[(int)category] : null;
}
