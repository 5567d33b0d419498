namespace Callgate.Catalogue;

/// <summary>
/// What kind of thing a tool does, by the names that policies use for categories. The ranking is Financial, Destructive,
/// Execute, Write, Read: of several that apply the most severe counts (label study, section 3).
/// </summary>
public enum RiskCategory
{
    /// <summary>Returns or computes something; nothing changes. What is read, secrets included, does not count.</summary>
    Read,

    /// <summary>Creates or changes what can be changed back; sending and publishing count here.</summary>
    Write,

    /// <summary>Runs code, or sets off something outside whose effect depends on the arguments.</summary>
    Execute,

    /// <summary>There is no way back: deletes, drops, cancels what was ordered or running.</summary>
    Destructive,

    /// <summary>Money moves, is promised, or is one step from moving.</summary>
    Financial,

    /// <summary>None of the others: sleeping, thinking aloud, signing in and out.</summary>
    Other,
}

/// <summary>How much harm a call can do; it follows from the category and from nothing else.</summary>
public enum RiskLevel
{
    /// <summary>Read and Other.</summary>
    Low,

    /// <summary>Write.</summary>
    Medium,

    /// <summary>Execute.</summary>
    High,

    /// <summary>Destructive and Financial, and whatever is not classified.</summary>
    Critical,
}

/// <summary>The levels of the categories.</summary>
public static class RiskLevels
{
    /// <summary>The level that goes with a category (seeds: Read is low, Write medium, Execute high, Destructive and Financial critical).</summary>
    /// <param name="category">Null for a tool that is not classified: it is as dangerous as the worst.</param>
    public static RiskLevel Of(RiskCategory? category) => category switch
    {
        RiskCategory.Read or RiskCategory.Other => RiskLevel.Low,
        RiskCategory.Write => RiskLevel.Medium,
        RiskCategory.Execute => RiskLevel.High,
        _ => RiskLevel.Critical,
    };
}
