using System.Text.Json.Serialization;

namespace Callgate.Mutation;

/// <summary>How a mutant ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    /// <summary>A test failed.</summary>
    Killed,

    /// <summary>A test did not end within its limit.</summary>
    Endless,

    /// <summary>The process that ran a test died, by an endless recursion or for want of memory.</summary>
    Crashed,

    /// <summary>Every test that passes the mutant is green.</summary>
    Survived,

    /// <summary>No test passes the mutant.</summary>
    NoCoverage,
}

/// <summary>The outcome of a mutant, and the test that brought it about.</summary>
internal sealed record Result(int Mutant, string Place, string Kind, string Original, string Replacement, Outcome Outcome, string? Test)
{
    public static bool IsKill(Outcome outcome) => outcome is Outcome.Killed or Outcome.Endless or Outcome.Crashed;
}
