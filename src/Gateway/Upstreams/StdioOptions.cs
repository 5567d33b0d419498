namespace Callgate.Gateway.Upstreams;

/// <summary>Bounds and places of a child process.</summary>
public sealed record StdioOptions
{
    /// <summary>One line of the child's output.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    public int StderrBytes { get; init; } = 64 * 1024;

    public int StderrLines { get; init; } = 100;

    /// <summary>How long a child may take to end after its input is closed.</summary>
    public TimeSpan CloseGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it may take after TERM, before KILL.</summary>
    public TimeSpan TermGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Its <c>HOME</c> and <c>TMPDIR</c>; null for a fresh private folder that goes with the child.</summary>
    public string? Home { get; init; }

    /// <summary>Where it starts; null for its home.</summary>
    public string? WorkingDirectory { get; init; }
}
