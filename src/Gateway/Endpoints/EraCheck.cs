using System.Text.Json;
using Callgate.Gateway.Proxy;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Endpoints;

/// <summary>Why a message does not fit its era.</summary>
public sealed record EraFault(int Status, int RpcCode, string Message, string? Requested = null);

/// <summary>
/// Which era a message belongs to. The body decides; a header can only agree with it. The mirrored headers of 2026-07-28
/// are required and compared, and never read for anything else.
/// </summary>
public static class EraCheck
{
    private static readonly string[] SingleHeaders = ["MCP-Protocol-Version", "Mcp-Session-Id", "Mcp-Method", "Mcp-Name", "Last-Event-ID"];

    /// <summary>One value a header, or none: two would leave open which of them another reader takes.</summary>
    public static string? RepeatedHeader(HttpRequest request)
    {
        foreach (var name in SingleHeaders)
        {
            if (request.Headers[name].Count > 1)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>True for 2026-07-28, false for the versions with sessions.</summary>
    public static (bool Modern, EraFault? Fault) Of(RpcMessage message, HttpRequest request)
    {
        var header = (string?)request.Headers["MCP-Protocol-Version"];
        var claim = ClaimOf(message);
        if (claim is { ValueKind: not JsonValueKind.String })
        {
            return (false, new(400, RpcError.InvalidParams, $"`params._meta[\"{ProtocolVersion.Claim}\"]` must be a string"));
        }

        if (claim is { } text)
        {
            return OfClaim(text.GetString()!, header, message, request);
        }

        if (string.Equals(header, ProtocolVersion.Modern, StringComparison.Ordinal))
        {
            return message.Kind == RpcKind.Request
                ? (true, new(400, RpcError.InvalidParams, $"requests of {ProtocolVersion.Modern} carry `_meta[\"{ProtocolVersion.Claim}\"]`"))
                : (true, new(400, RpcError.InvalidRequest, $"in {ProtocolVersion.Modern} a client sends requests only"));
        }

        return header is null || ProtocolVersion.IsLegacy(header)
            ? (false, null)
            : (false, new(400, RpcError.InvalidRequest, "this `MCP-Protocol-Version` is not served here", header));
    }

    private static (bool Modern, EraFault? Fault) OfClaim(string claim, string? header, RpcMessage message, HttpRequest request)
    {
        if (ProtocolVersion.IsLegacy(claim))
        {
            return header is null || string.Equals(header, claim, StringComparison.Ordinal)
                ? (false, null)
                : (false, new(400, RpcError.HeaderMismatch, "`MCP-Protocol-Version` and the version in the body differ"));
        }

        if (!string.Equals(claim, ProtocolVersion.Modern, StringComparison.Ordinal))
        {
            // Which of two different versions is not served would be a guess, so the difference is named first.
            return (true, string.Equals(header, claim, StringComparison.Ordinal)
                ? new(400, RpcError.UnsupportedVersion, "Unsupported protocol version", claim)
                : Mismatch("MCP-Protocol-Version"));
        }

        return (true, HeaderFault(header, message, request) ?? MetaFault(message));
    }

    private static EraFault? HeaderFault(string? header, RpcMessage message, HttpRequest request)
    {
        if (!string.Equals(header, ProtocolVersion.Modern, StringComparison.Ordinal))
        {
            return Mismatch("MCP-Protocol-Version");
        }

        if (!string.Equals((string?)request.Headers["Mcp-Method"], message.Method, StringComparison.Ordinal))
        {
            return Mismatch("Mcp-Method");
        }

        if (Vocabulary.Find(message.Method!, modern: true)?.MirroredName is not { } member
            || !message.Params.TryGetProperty(member, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var name = (string?)request.Headers["Mcp-Name"];
        return name is not null && string.Equals(HeaderText.Decode(name), value.GetString(), StringComparison.Ordinal) ? null : Mismatch("Mcp-Name");
    }

    private static EraFault? MetaFault(RpcMessage message)
    {
        var meta = message.Params.GetProperty("_meta"u8);
        return meta.TryGetProperty(ProtocolVersion.ClientCapabilities, out var capabilities) && capabilities.ValueKind == JsonValueKind.Object
            ? null
            : new(400, RpcError.InvalidParams, $"`params._meta[\"{ProtocolVersion.ClientCapabilities}\"]` must be an object");
    }

    private static EraFault Mismatch(string header) => new(400, RpcError.HeaderMismatch, $"the header `{header}` is missing or does not agree with the body");

    private static JsonElement? ClaimOf(RpcMessage message) =>
        message.Kind != RpcKind.Response && message.Params.ValueKind == JsonValueKind.Object
        && message.Params.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind == JsonValueKind.Object
        && meta.TryGetProperty(ProtocolVersion.Claim, out var claim)
            ? claim
            : null;
}
