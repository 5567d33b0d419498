namespace Callgate.Gateway.Wire;

/// <summary>The protocol versions spoken here. Up to 2025-11-25 there are sessions (legacy); 2026-07-28 is stateless (modern).</summary>
public static class ProtocolVersion
{
    public const string Modern = "2026-07-28";

    /// <summary>The newest version with sessions.</summary>
    public const string NewestLegacy = "2025-11-25";

    /// <summary>The only version whose clients may send arrays of messages.</summary>
    public const string WithBatches = "2025-03-26";

    /// <summary>Assumed where a client with a session names no version.</summary>
    public const string Assumed = "2025-03-26";

    /// <summary>The body member that claims a version in the modern era.</summary>
    public const string Claim = "io.modelcontextprotocol/protocolVersion";

    public const string ClientCapabilities = "io.modelcontextprotocol/clientCapabilities";

    public const string ClientName = "io.modelcontextprotocol/clientInfo";

    public const string Subscription = "io.modelcontextprotocol/subscriptionId";

    /// <summary>True for a version that a client may name in a header or in <c>initialize</c> of the streamable HTTP front.</summary>
    public static bool IsLegacy(string version) => version is NewestLegacy or "2025-06-18" or "2025-03-26" or "2024-11-05";
}
