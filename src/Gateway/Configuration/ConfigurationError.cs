namespace Callgate.Gateway.Configuration;

/// <summary>One thing wrong in a configuration file, at its place. The text never holds a value taken from the environment.</summary>
/// <param name="File">The file as it was named by the operator.</param>
/// <param name="Line">Counted from 1; 0 when the file as a whole is meant.</param>
/// <param name="Column">Counted from 1; 0 when the file as a whole is meant.</param>
public sealed record ConfigurationError(string File, int Line, int Column, string Message)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}: {Message}";
}
