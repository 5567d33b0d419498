namespace Callgate.Gateway.Admin;

/// <summary>Why a request was not done, as a value.</summary>
/// <param name="Code">Stable; one of <see cref="AdminCodes"/>.</param>
/// <param name="Details">Each single thing wrong, when there are several.</param>
public sealed record AdminFault(int Status, string Code, string Message, IReadOnlyList<object>? Details = null)
{
    public static AdminFault Invalid(string message, IReadOnlyList<object>? details = null) => new(400, AdminCodes.Invalid, message, details);

    public static AdminFault NotRecorded { get; } = new(503, AdminCodes.RecordUnavailable, "the journal cannot record this change, so it was not made");

    public static AdminFault NotFound(string what, string name) => new(404, AdminCodes.NotFound, $"there is no {what} `{name}`");

    public static AdminFault Declared(string what, string name) =>
        new(409, AdminCodes.Declared, $"{what} `{name}` is declared in the configuration file, which alone can change it");

    public static AdminFault Conflict(string message) => new(409, AdminCodes.Conflict, message);

    public static AdminFault Exists(string what, string name) => new(409, AdminCodes.Exists, $"there is already a {what} `{name}`");
}

/// <summary>The codes of <c>/api/v1</c>. A code never changes its meaning.</summary>
public static class AdminCodes
{
    public const string Unauthorized = "operator.unauthorized";
    public const string Forbidden = "operator.forbidden";
    public const string CodeNeeded = "operator.code_needed";
    public const string FactorNeeded = "operator.factor_needed";
    public const string TooMany = "operator.too_many_attempts";
    public const string Invalid = "request.invalid";
    public const string TooLarge = "request.too_large";
    public const string NotFound = "not_found";
    public const string Declared = "declared";
    public const string Exists = "exists";
    public const string Conflict = "conflict";
    public const string PolicyInvalid = "policy.invalid";
    public const string ProposalTooMany = "proposal.too_many";
    public const string ProposalOutdated = "proposal.outdated";
    public const string DefinitionChanged = "definition.changed";
    public const string RecordUnavailable = "record.unavailable";
    public const string StoreUnavailable = "store.unavailable";
    public const string IndexUnavailable = "index.unavailable";
    public const string Internal = "internal";
}

/// <summary>The body of every answer that is not a success.</summary>
public sealed record ErrorReply(ErrorBody Error);

/// <summary>What went wrong.</summary>
public sealed record ErrorBody(string Code, string Message, IReadOnlyList<object> Details);
