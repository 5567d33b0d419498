namespace Callgate.Attacks;

/// <summary>Generations of the protocol, which differ in what carries a session and what a message may be.</summary>
public enum Era
{
    /// <summary>2026-07-28: no sessions, one request in each POST, headers that mirror the body.</summary>
    Modern,

    /// <summary>2025-11-25: sessions, begun by `initialize`.</summary>
    Legacy,

    /// <summary>2025-03-26: sessions, and arrays of messages.</summary>
    Batches,
}

/// <summary>The eras by their versions.</summary>
public static class Eras
{
    private static readonly (Era Era, string Version)[] All = [(Era.Modern, "2026-07-28"), (Era.Legacy, "2025-11-25"), (Era.Batches, "2025-03-26")];

    public static string Version(this Era era) => All.First(one => one.Era == era).Version;

    /// <summary>The era of a version; null for one that is not known here.</summary>
    public static Era? Of(string? version) => All.Where(one => one.Version == version).Select(static one => (Era?)one.Era).FirstOrDefault();
}
