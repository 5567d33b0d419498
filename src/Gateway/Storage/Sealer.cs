using System.Buffers.Text;
using System.Security.Cryptography;

namespace Callgate.Gateway.Storage;

/// <summary>
/// Seals short secrets for one purpose: AES-256-GCM, a random nonce for each text, base64url. The associated bytes say
/// where the text belongs, so that it opens nowhere else.
/// </summary>
public sealed class Sealer
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Overhead = 1 + NonceLength + TagLength;

    private readonly byte[] key;

    internal Sealer(byte[] key) => this.key = key;

    public string Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated)
    {
        var sealedBytes = new byte[Overhead + plain.Length];
        sealedBytes[0] = Version;
        var nonce = sealedBytes.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);

        // An instance is not for several threads at once, and making one costs less than sharing it.
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(1 + NonceLength, plain.Length), sealedBytes.AsSpan(Overhead - TagLength + plain.Length), associated);
        return Base64Url.EncodeToString(sealedBytes);
    }

    /// <summary>False when the text is damaged, was sealed with another key or purpose, or belongs elsewhere.</summary>
    public bool TryOpen(string text, ReadOnlySpan<byte> associated, out byte[] plain)
    {
        plain = [];
        if (Decoded(text) is not { } bytes || bytes.Length < Overhead || bytes[0] != Version)
        {
            return false;
        }

        var opened = new byte[bytes.Length - Overhead];
        try
        {
            using var cipher = new AesGcm(key, TagLength);
            cipher.Decrypt(bytes.AsSpan(1, NonceLength), bytes.AsSpan(1 + NonceLength, opened.Length), bytes.AsSpan(bytes.Length - TagLength), opened, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain = opened;
        return true;
    }

    private static byte[]? Decoded(string text)
    {
        // One text per value: what decodes but would be written in another way is refused.
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, bytes, out var written)
            && string.Equals(Base64Url.EncodeToString(bytes.AsSpan(0, written)), text, StringComparison.Ordinal)
            ? bytes[..written]
            : null;
    }
}
