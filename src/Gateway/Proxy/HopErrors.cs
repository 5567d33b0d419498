using System.Text.Json;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// Errors of 2026-07-28 that speak of one hop. What an upstream says about the headers, the version or the capabilities of
/// the gateway's own request is nothing its client could mend, so it is told in other words.
/// </summary>
public static class HopErrors
{
    private const int MissingCapability = -32021;

    /// <summary>The refusal to give instead, or null when the error is the client's own.</summary>
    public static Refusal? Of(Incoming call, RpcMessage response)
    {
        if (!call.Modern || !response.Root.TryGetProperty("error"u8, out var error)
            || !error.TryGetProperty("code"u8, out var element) || element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out var code))
        {
            return null;
        }

        return code switch
        {
            RpcError.HeaderMismatch or RpcError.UnsupportedVersion =>
                new(RefusalCode.UpstreamInvalid, "(upstream)", "the server did not take the gateway's own headers or version; the operator must look into it", Detail: $"error {code}"),
            MissingCapability when Withheld(call, error) is { } capability =>
                new(RefusalCode.MethodDenied, "/methods/allow", $"the server needs the client's `{capability}`, which the policy of this grant does not open"),
            _ => null,
        };
    }

    /// <summary>A capability that the client did announce and the gateway left out.</summary>
    private static string? Withheld(Incoming call, JsonElement error)
    {
        if (!error.TryGetProperty("data"u8, out var extra) || extra.ValueKind != JsonValueKind.Object
            || !extra.TryGetProperty("requiredCapabilities"u8, out var required) || required.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var announced = call.Message.Params.GetProperty("_meta"u8).GetProperty(ProtocolVersion.ClientCapabilities);
        return Vocabulary.ClientCapabilities
            .Where(pair => !call.Opens(pair.Value) && required.TryGetProperty(pair.Key, out _) && announced.TryGetProperty(pair.Key, out _))
            .Select(static pair => pair.Key)
            .FirstOrDefault();
    }
}
