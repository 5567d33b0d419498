using System.Globalization;

namespace Callgate.Gateway.Operators;

/// <summary>Why somebody was not signed in.</summary>
public enum SignInFault
{
    /// <summary>Name or password is wrong; which of them is not told.</summary>
    Wrong,

    /// <summary>Too many failures for this name or address, or too many attempts at once.</summary>
    Wait,

    /// <summary>The journal or the store does not take it. No record, no session.</summary>
    Unavailable,

    /// <summary>The password is right; the code of the second factor is asked for.</summary>
    Code,

    /// <summary>It is not the code.</summary>
    WrongCode,

    /// <summary>The password is right; everybody has to have a second factor, and there is none yet.</summary>
    Enrol,

    /// <summary>The code came too late, or the password was changed meanwhile.</summary>
    Ended,
}

/// <summary>A session with its token, or why there is none.</summary>
/// <param name="Wait">How long to wait before the next attempt.</param>
public sealed record SignInResult(string? Token, OperatorSession? Session, SignInFault? Fault, TimeSpan Wait)
{
    /// <summary>With it the code is given; null where none is asked for.</summary>
    public string? Begun { get; init; }

    /// <summary>What is to be put into a device first; null where nothing is.</summary>
    public Enrolment? Enrolment { get; init; }

    /// <summary>Of a second factor that was turned on with this sign-in; shown this once.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; init; } = [];

    /// <summary>What people are told; the same for a name that is unknown.</summary>
    public string Message => Fault switch
    {
        SignInFault.Wrong => "the name or the password is wrong",
        SignInFault.Wait => string.Create(CultureInfo.InvariantCulture, $"too many attempts; try again in {Math.Max(1, Math.Ceiling(Wait.TotalSeconds))} seconds"),
        SignInFault.Unavailable => "the gate cannot record this sign-in, so nobody was signed in; look into its log",
        SignInFault.Code => "the code of the second factor is needed",
        SignInFault.WrongCode => "this is not the code of now, or it was used already; take the next one",
        SignInFault.Enrol => "everybody has to have a second factor here; sign in with a browser once to set yours up",
        SignInFault.Ended => "this took too long, or the password was changed meanwhile; sign in again",
        _ => "signed in",
    };

    internal static SignInResult No(SignInFault fault, TimeSpan wait = default) => new(null, null, fault, wait);
}
