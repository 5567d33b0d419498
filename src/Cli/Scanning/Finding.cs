namespace Callgate.Cli.Scanning;

/// <summary>How bad it is. The order counts.</summary>
internal enum Severity
{
    None,
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>Something about a configuration that a person should know.</summary>
/// <param name="Kind">A word for scripts.</param>
/// <param name="Where">The member it stands in, as <c>env.TOKEN</c>; empty for the whole.</param>
/// <param name="Message">One sentence, without any secret.</param>
internal sealed record Finding(Severity Severity, string Kind, string Where, string Message);
