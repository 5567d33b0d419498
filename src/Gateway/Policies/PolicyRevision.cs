using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>One immutable revision of a policy. Each call is judged by exactly one, named in its record.</summary>
/// <param name="Document">The document as the operator wrote it.</param>
/// <param name="Digest">SHA-256 of the document, lower-case hex.</param>
/// <param name="Declared">Declared in <c>callgate.yaml</c>: read-only for the API and the CLI.</param>
public sealed record PolicyRevision(string Name, long Revision, string Digest, CompiledPolicy Policy, ReadOnlyMemory<byte> Document, bool Declared);
