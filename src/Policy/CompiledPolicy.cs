namespace Callgate.Policy;

/// <summary>A policy ready to judge. Made once per revision; immutable.</summary>
public sealed class CompiledPolicy
{
}
