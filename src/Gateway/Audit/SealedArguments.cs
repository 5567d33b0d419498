using System.Text;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>Arguments of recorded calls, sealed with the operator key. Each text opens for the record it was made for only.</summary>
public sealed class SealedArguments(Keyring keyring)
{
    /// <summary>The most bytes of canonical JSON that are kept: a queue of entries must not take the memory of the gate.</summary>
    public const int Largest = 16 * 1024;

    private readonly Sealer sealer = keyring.Sealer("record/arguments");

    /// <summary>Null when there is too much to keep.</summary>
    public string? Seal(string recordId, ReadOnlySpan<byte> canonical) =>
        canonical.Length <= Largest ? sealer.Seal(canonical, Encoding.UTF8.GetBytes(recordId)) : null;

    /// <summary>Canonical JSON; null when the text was sealed with another key or for another record.</summary>
    public byte[]? Open(string recordId, string text) => sealer.TryOpen(text, Encoding.UTF8.GetBytes(recordId), out var plain) ? plain : null;
}
