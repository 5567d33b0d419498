using System.Buffers.Text;
using System.Security.Cryptography;

namespace Callgate.Gateway.Operators;

/// <summary>A person who may sign in.</summary>
public sealed record Operator
{
    public const string NameRule = "an operator's name has 1 to 64 lower-case letters, digits, `-`, `_`, `.` or `@`, begins with a letter or digit, and is not `administrator`";

    public required string Name { get; init; }

    /// <summary>The identity of grants that work for this person; an approval can bar who asked by it.</summary>
    public string? Identity { get; init; }

    public required Roles Roles { get; init; }

    public required string PasswordHash { get; init; }

    /// <summary>The hash of whoever was invited and has chosen none yet; no password fits it.</summary>
    public const string NoPassword = "";

    public bool HasPassword => PasswordHash.Length > 0;

    /// <summary>An open link to choose a password with; null for none.</summary>
    public Invitation? Invitation { get; init; }

    /// <summary>Since when a second factor is asked for; null where there is none. It comes and goes by itself, not with the rest.</summary>
    public DateTimeOffset? FactorSince { get; init; }

    /// <summary>Random; sessions begun under another stamp have ended.</summary>
    public required string Stamp { get; init; }

    public required DateTimeOffset Created { get; init; }

    public static string NewStamp() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>
    /// Names that differ in case alone would be taken for each other in the record. What the record and the revisions of
    /// policies call other authors is nobody's name.
    /// </summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 64
        && (char.IsAsciiLetterLower(text[0]) || char.IsAsciiDigit(text[0]))
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.' or '@')
        && text is not (Actor.TokenName or "callgate.yaml");
}
