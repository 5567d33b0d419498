namespace Callgate.Policy.Reading;

/// <summary>The steps of a JSON Pointer and their spelling (RFC 6901, sections 3 and 4).</summary>
internal static class Pointers
{
    /// <summary><c>~</c> first, so that the slash's own tilde stays.</summary>
    public static string Escape(string step) => step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The steps after the first slash, as names.</summary>
    public static IEnumerable<string> Steps(string pointer) =>
        pointer.Split('/').Skip(1).Select(static step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
}
