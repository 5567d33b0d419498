using System.Security.Cryptography;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>How a change stands in the record: what it was before and what it is after, by revision or digest.</summary>
internal static class ChangeText
{
    private static readonly JsonSerializerOptions Spelling = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Of(string? before, string? after, string? what = null) => $"{(what is null ? "" : what + ": ")}was {before ?? "none"}, is {after ?? "none"}";

    /// <summary>Of what holds no secret: a digest of one that is easily guessed would give it away.</summary>
    public static string Digest(ReadOnlySpan<byte> content) => $"sha256 {Convert.ToHexStringLower(SHA256.HashData(content))}";

    /// <summary>Of what an answer shows, in the spelling of the API.</summary>
    public static string DigestOf<T>(T shown) => Digest(JsonSerializer.SerializeToUtf8Bytes(shown, Spelling));
}
