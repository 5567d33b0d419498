using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Storage;

/// <summary>
/// The keys of one data folder. <c>operator.key</c> seals what is stored and never changes; <c>digest.key</c> keys the
/// digests of arguments and can be rotated, after which old and new digests do not compare.
/// </summary>
public sealed class Keyring
{
    internal const string OperatorKeyName = "operator.key";
    private const string DigestKeyName = "digest.key";
    private const int KeyLength = 32;

    private readonly byte[] operatorKey;
    private readonly string digestPath;
    private volatile byte[] digestKey;

    private Keyring(byte[] operatorKey, string digestPath, byte[] digestKey)
    {
        this.operatorKey = operatorKey;
        this.digestPath = digestPath;
        this.digestKey = digestKey;
    }

    /// <summary>The current key of argument digests.</summary>
    public byte[] DigestKey => digestKey;

    /// <summary>Reads the keys of the folder; a key that is not there yet is made once.</summary>
    /// <exception cref="KeyringException">A key file is damaged, unreadable or open to others.</exception>
    public static Keyring Open(string dataDirectory)
    {
        var digestPath = Path.Combine(dataDirectory, DigestKeyName);
        return new Keyring(ReadOrCreate(Path.Combine(dataDirectory, OperatorKeyName)), digestPath, ReadOrCreate(digestPath));
    }

    /// <summary>A sealer whose texts open for this purpose only.</summary>
    public Sealer Sealer(string purpose)
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, operatorKey, KeyLength, salt: [], info: Encoding.UTF8.GetBytes("callgate/" + purpose));
        return new Sealer(key);
    }

    /// <summary>Makes a new digest key; the old one is gone.</summary>
    public void RotateDigestKey()
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        PrivateFile.Replace(digestPath, Written(key));
        digestKey = key;
    }

    private static byte[] ReadOrCreate(string path)
    {
        try
        {
            if (!Path.Exists(path))
            {
                // When two begin at once, both end with the key of the first.
                PrivateFile.TryCreate(path, Written(RandomNumberGenerator.GetBytes(KeyLength)));
            }

            return Read(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KeyringException($"the key file `{path}` cannot be read: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    private static byte[] Read(string path)
    {
        if (PrivateFile.IsOpenToOthers(path))
        {
            throw new KeyringException($"the key file `{path}` is open to other accounts; run chmod 600 on it, or restore it from a backup when others may have read it");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var text = new byte[(KeyLength * 2) + 1];
        var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        var key = new byte[KeyLength];
        var isWhole = length == text.Length && file.ReadByte() < 0 && text[^1] == (byte)'\n'
            && Convert.FromHexString(text.AsSpan(0, KeyLength * 2), key, out _, out _) == System.Buffers.OperationStatus.Done;
        return isWhole && key.AsSpan().ContainsAnyExcept((byte)0)
            ? key
            : throw new KeyringException($"the key file `{path}` is damaged: 64 hexadecimal digits and a line end are wanted; restore it from a backup, since what it sealed opens with no other key");
    }

    private static byte[] Written(byte[] key) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key) + "\n");
}
