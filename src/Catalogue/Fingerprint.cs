using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Callgate.Catalogue;

/// <summary>The hash under which a definition is pinned; a definition whose hash differs has drifted.</summary>
public static class Fingerprint
{
    /// <summary>SHA-256 of the canonical JSON, as 64 lower-case hexadecimal digits.</summary>
    /// <param name="definition">The whole definition: every member counts, known or not (security study, B02).</param>
    public static string Of(JsonElement definition)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        CanonicalJson.Write(definition, buffer);
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }
}
