using System.Security.Cryptography;

namespace Callgate.Gateway.Audit;

/// <summary>
/// The public half of a key that signs heads, as a C2SP verifier key: <c>NAME+ID+BASE64</c>, for ECDSA on P-256 (signature
/// type 2), where the id is the begin of the SHA-256 of the key itself.
/// </summary>
public sealed class NoteKey : IDisposable
{
    internal const int IdLength = 4;

    private const byte Ecdsa = 2;

    private readonly ECDsa key;
    private readonly byte[] id;

    private NoteKey(string name, ECDsa key)
    {
        (Name, this.key) = (name, key);
        var spki = key.ExportSubjectPublicKeyInfo();
        id = SHA256.HashData(spki)[..IdLength];
        Text = $"{name}+{Convert.ToHexStringLower(id)}+{Convert.ToBase64String([Ecdsa, .. spki])}";
    }

    /// <summary>Whose signatures these are; also the first line of what is signed.</summary>
    public string Name { get; }

    /// <summary>The verifier key as it is written and given to others.</summary>
    public string Text { get; }

    internal ReadOnlySpan<byte> Id => id;

    /// <summary>Null when the text is no verifier key, or one of another kind.</summary>
    public static NoteKey? TryParse(string text)
    {
        if (text.Trim().Split('+', 3) is not [{ Length: > 0 } name, { Length: IdLength * 2 } hex, var encoded] || name.Any(char.IsWhiteSpace))
        {
            return null;
        }

        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length) || length < 2 || bytes[0] != Ecdsa)
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(bytes.AsSpan(1, length - 1), out var read);
            var parsed = new NoteKey(name, key);
            if (read == length - 1 && key.KeySize == 256 && parsed.Id.SequenceEqual(Convert.FromHexString(hex)))
            {
                return parsed;
            }
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
        }

        key.Dispose();
        return null;
    }

    /// <summary>Whether the key made this signature, which begins with the key's id, over this text.</summary>
    public bool Verifies(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) =>
        signature.Length > IdLength && signature[..IdLength].SequenceEqual(id)
        && key.VerifyData(text, signature[IdLength..], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => key.Dispose();

    /// <summary>The verifier key of a private key. The name comes from the key, so that no two folders share one.</summary>
    internal static NoteKey Of(ECDsa key)
    {
        var digest = SHA256.HashData(key.ExportSubjectPublicKeyInfo());
        return new NoteKey($"callgate/{Convert.ToHexStringLower(digest.AsSpan(0, 8))}", ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }
}
