namespace Callgate.Catalogue;

/// <summary>What beside its category makes a tool worth a second look. None of them changes the category.</summary>
public enum RiskSignalKind
{
    /// <summary>An argument is a path or a file name.</summary>
    FilePath,

    /// <summary>An argument is code, a command or a query, in free text.</summary>
    CodeOrQuery,

    /// <summary>An argument is HTML.</summary>
    RawHtml,

    /// <summary>An argument is an address on the network.</summary>
    Url,

    /// <summary>An argument is a password, a key or a token.</summary>
    Secret,

    /// <summary>There are more than ten arguments.</summary>
    ManyParameters,

    /// <summary>One call works on many things.</summary>
    Bulk,

    /// <summary>It ends something in progress.</summary>
    AbortsRunningWork,

    /// <summary>An argument names one thing in free text, without pattern, enumeration or format.</summary>
    LooseIdentifier,

    /// <summary>Something leaves for other people or systems.</summary>
    SendsOut,

    /// <summary>What it returns was written by people or sites nobody vouches for.</summary>
    ReadsUntrustedContent,

    /// <summary>What it returns belongs to somebody: mail, files, personal data, secrets.</summary>
    ReadsPrivateData,
}

/// <summary>A risk signal with what in the definition shows it.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Evidence">The first thing that shows it.</param>
public sealed record RiskSignal(RiskSignalKind Kind, ClassificationEvidence Evidence)
{
    /// <summary>All kinds, in their order.</summary>
    public static IReadOnlyList<RiskSignalKind> Kinds { get; } = Enum.GetValues<RiskSignalKind>();

    /// <summary>The stable name of the kind: lower case with dashes, such as <c>file-path</c>.</summary>
    public string Id => IdOf(Kind);

    /// <summary>The stable name of a kind.</summary>
    /// <param name="kind">Which.</param>
    public static string IdOf(RiskSignalKind kind) => kind switch
    {
        RiskSignalKind.FilePath => "file-path",
        RiskSignalKind.CodeOrQuery => "code-or-query",
        RiskSignalKind.RawHtml => "raw-html",
        RiskSignalKind.Url => "url",
        RiskSignalKind.Secret => "secret",
        RiskSignalKind.ManyParameters => "many-parameters",
        RiskSignalKind.Bulk => "bulk",
        RiskSignalKind.AbortsRunningWork => "aborts-running-work",
        RiskSignalKind.LooseIdentifier => "loose-identifier",
        RiskSignalKind.SendsOut => "sends-out",
        RiskSignalKind.ReadsUntrustedContent => "reads-untrusted-content",
        RiskSignalKind.ReadsPrivateData => "reads-private-data",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such signal"),
    };
}

/// <summary>An argument at the top of a tool's input that shows a signal, by itself or by a part of it.</summary>
/// <param name="Name">Its name, at most 64 UTF-16 units of it.</param>
/// <param name="Kind">The signal.</param>
public readonly record struct SignalledArgument(string Name, RiskSignalKind Kind);
