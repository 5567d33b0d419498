namespace Callgate.Gateway.Operators;

/// <summary>Where a session is used. A cookie is no bearer token and the other way round.</summary>
public enum SessionKind
{
    Page,
    Cli,
}

/// <summary>An operator's signing-in that has not ended yet.</summary>
/// <param name="TokenHash">SHA-256 of the token, lower-case hex. The token itself is stored nowhere.</param>
/// <param name="Operator">The operator's name.</param>
/// <param name="Stamp">The operator's stamp when it began.</param>
/// <param name="Address">Where it was begun from; null where that is not known.</param>
public sealed record OperatorSession(
    string TokenHash, string Operator, string Stamp, SessionKind Kind, DateTimeOffset Created, DateTimeOffset LastUsed, DateTimeOffset Expires, string? Address = null)
{
    /// <summary>What a session is called where people see it: it opens nothing.</summary>
    public string Id => TokenHash[..16];

    /// <summary>However busy, a session ends after a working day.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>How long a page may be left alone. A shell has no such end: the machine's own lock guards it.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    public bool HasEnded(DateTimeOffset now) => now >= Expires || (Kind == SessionKind.Page && now - LastUsed >= Idle);
}
