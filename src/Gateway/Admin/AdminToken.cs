using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Configuration;

namespace Callgate.Gateway.Admin;

/// <summary>The administrator's credential: made at the first start, in a file that only the gate's user can read. It is no grant and no grant is it.</summary>
public sealed class AdminToken
{
    public const string FileName = "admin.token";

    private readonly byte[] hash;

    private AdminToken(string token) => hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Reads the token, or makes it. A file that others could read is closed to them.</summary>
    /// <exception cref="InvalidDataException">The file holds no token.</exception>
    public static AdminToken Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path))
        {
            Create(path);
        }
        else if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return new AdminToken(Read(dataDirectory) ?? throw new InvalidDataException($"`{path}` holds no administrator's token; remove the file to get a new one"));
    }

    /// <summary>The token of a data folder, for the CLI on the same machine; null when there is none.</summary>
    public static string? Read(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        var token = File.Exists(path) ? File.ReadAllText(path).Trim() : string.Empty;
        return token.StartsWith("cga_", StringComparison.Ordinal) && token.Length >= 40 ? token : null;
    }

    /// <summary>Compared as hashes in fixed time, so that neither content nor length shows in the duration.</summary>
    public bool Accepts(string presented) =>
        CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(presented)));

    private static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, Encoding.ASCII, options);
        writer.Write($"cga_{GrantToken.Secret()}\n");
    }
}
