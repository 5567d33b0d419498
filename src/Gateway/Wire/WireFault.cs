using System.Text.Json;

namespace Callgate.Gateway.Wire;

/// <summary>Why bytes are no message. <paramref name="RpcCode"/> is the JSON-RPC error code that says so.</summary>
/// <param name="Message">Public: lower case, says what to do.</param>
/// <param name="RawId">The id of the message where it could be read without doubt, so that the sender gets its answer.</param>
public sealed record WireFault(int RpcCode, string Message, ReadOnlyMemory<byte> RawId = default)
{
    public static WireFault Parse(string message) => new(-32700, message);

    public static WireFault Invalid(string message, JsonElement id = default) =>
        new(-32600, message, StrictJson.IsId(id) ? System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(id).ToArray() : default);
}
