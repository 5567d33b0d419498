namespace Callgate.Gateway.Operators;

/// <summary>How what somebody decided about an operator was taken.</summary>
public enum AdministeredOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such operator.</summary>
    NotFound,

    /// <summary>There is one of that name already.</summary>
    Exists,

    /// <summary>The operator cannot be as described.</summary>
    Invalid,

    /// <summary>Nobody would be left who may administer.</summary>
    LastAdministrator,

    /// <summary>Whoever asks may not.</summary>
    Forbidden,

    /// <summary>The password that was given as the current one is not.</summary>
    WrongPassword,

    /// <summary>The code of the second factor is not.</summary>
    WrongCode,

    /// <summary>No second factor is being set up, or not any more.</summary>
    NotBegun,

    /// <summary>Everybody has to have a second factor.</summary>
    FactorRequired,

    /// <summary>Too many attempts.</summary>
    Wait,

    /// <summary>The link was used, has expired, or another took its place.</summary>
    LinkEnded,

    /// <summary>The journal cannot record it.</summary>
    NotRecorded,
}

/// <summary>An operator that somebody asks for.</summary>
/// <param name="Roles">By their names.</param>
/// <param name="Identity">The identity of grants that work for this person.</param>
public sealed record OperatorRequest(string Name, IReadOnlyList<string> Roles, string? Identity = null);

/// <summary>What became of it.</summary>
/// <param name="Person">As it is now; as it was, where it is removed; null where there is none.</param>
/// <param name="Secret">A password that the gate made, or the secret of a link; known here and nowhere else.</param>
public sealed record Administered(AdministeredOutcome Outcome, Operator? Person = null, string? Secret = null)
{
    /// <summary>Each thing that is wrong with a request.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>The name that was asked for.</summary>
    public string Name { get; init; } = "";

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>What to tell whose decision did not count; null when it did.</summary>
    public string? Problem => Outcome switch
    {
        AdministeredOutcome.Done => null,
        AdministeredOutcome.NotFound => $"there is no operator `{Name}`",
        AdministeredOutcome.Exists => $"there is already an operator `{Name}`",
        AdministeredOutcome.Invalid => "the operator cannot be as it is described",
        AdministeredOutcome.LastAdministrator => $"`{Name}` is the last operator who can sign in as administrator, so nothing was changed; give somebody else that role first",
        AdministeredOutcome.Forbidden => "this needs the role `administrator`",
        AdministeredOutcome.WrongPassword => "`current` is not the password that holds now",
        AdministeredOutcome.WrongCode => SignInResult.No(SignInFault.WrongCode).Message,
        AdministeredOutcome.NotBegun => "no second factor is being set up, or its time is over; begin again",
        AdministeredOutcome.FactorRequired => "everybody has to have a second factor here; set up another one in its place",
        AdministeredOutcome.Wait => SignInResult.No(SignInFault.Wait, Wait).Message,
        AdministeredOutcome.LinkEnded => "this link does not hold any more: it was used, its time is over, or another took its place",
        _ => "the journal cannot record this change, so it was not made",
    };

    internal static Administered No(AdministeredOutcome outcome, string name) => new(outcome) { Name = name };

    internal static Administered Invalid(IReadOnlyList<string> wrong) => new(AdministeredOutcome.Invalid) { Wrong = wrong };
}
