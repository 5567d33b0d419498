namespace Callgate.Cli;

/// <summary>Exit codes that scripts may rely on.</summary>
internal static class ExitCode
{
    public const int Fine = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>What was asked about is refused by policy.</summary>
    public const int Refused = 3;

    /// <summary>What was looked at is as bad as <c>--fail-on</c> says, or worse.</summary>
    public const int RiskFound = 3;
}
