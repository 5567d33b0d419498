namespace Callgate.Attacks.Scenarios;

/// <summary>A scenario cannot be read. The message says where and why.</summary>
internal sealed class ScenarioFault : Exception
{
    public ScenarioFault(string message)
        : base(message)
    {
    }

    public ScenarioFault()
    {
    }

    public ScenarioFault(string message, Exception inner)
        : base(message, inner)
    {
    }
}
