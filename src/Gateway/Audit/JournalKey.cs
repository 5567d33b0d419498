using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>
/// The key of one data folder that signs the ends of its chain. It is made once; the verifier key lies beside it for
/// whoever checks the record. A new key begins a new series of heads: those signed before keep the old name.
/// </summary>
public sealed class JournalKey : IDisposable
{
    public const string FileName = "journal.key";

    public const string PublicFileName = "journal.vkey";

    private readonly ECDsa key;

    private JournalKey(ECDsa key)
    {
        this.key = key;
        Public = NoteKey.Of(key);
    }

    public NoteKey Public { get; }

    /// <summary>Reads the key of the folder; one that is not there yet is made.</summary>
    /// <exception cref="KeyringException">The key file is damaged, unreadable or open to others.</exception>
    public static JournalKey Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            if (!Path.Exists(path))
            {
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                PrivateFile.TryCreate(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem() + "\n"));
            }

            var opened = Read(path);
            Publish(Path.Combine(dataDirectory, PublicFileName), opened.Public.Text + "\n");
            return opened;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KeyringException($"the key file `{path}` cannot be used: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>The key's id and the signature, as a note has them.</summary>
    public byte[] Sign(ReadOnlySpan<byte> text) =>
        [.. Public.Id, .. key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)];

    public void Dispose()
    {
        key.Dispose();
        Public.Dispose();
    }

    private static JournalKey Read(string path)
    {
        if (PrivateFile.IsOpenToOthers(path))
        {
            throw new KeyringException($"the key file `{path}` is open to other accounts; run chmod 600 on it, or move it away for a new key when others may have read it");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.KeySize == 256)
            {
                return new JournalKey(key);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
        }

        key.Dispose();
        throw new KeyringException($"the key file `{path}` is damaged: a PEM private key on P-256 is wanted; restore it from a backup, or move it away for a new key");
    }

    private static void Publish(string path, string text)
    {
        if (!File.Exists(path) || !string.Equals(File.ReadAllText(path), text, StringComparison.Ordinal))
        {
            PrivateFile.Replace(path, Encoding.ASCII.GetBytes(text));
        }
    }
}
