namespace Callgate.Gateway;

/// <summary>
/// The oldest runtime without a known hole that a front on the network would show. Below it the gate warns, and does not
/// start where the operator asked for that.
/// </summary>
public static class RuntimeFloor
{
    /// <summary>The release that mends CVE-2026-70188 and CVE-2026-70183 of ASP.NET Core.</summary>
    public static readonly Version Least = new(10, 0, 13);

    /// <summary>Null when this version is new enough; otherwise what to do about it.</summary>
    public static string? Fault(Version runtime) =>
        runtime >= Least ? null : $"the .NET runtime {runtime} has known holes; install {Least} or later";
}
