using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Storage;

/// <summary>
/// The data folder of one gateway: mode 0700, and held by one process at a time, because two writers would break the
/// chain of the journal. The lock ends with the process, however it ends.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const string LockName = "callgate.lock";

    private const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream held;

    private DataDirectory(string path, FileStream held)
    {
        Root = path;
        this.held = held;
    }

    public string Root { get; }

    public string ConfigurationFile => Path.Combine(Root, "callgate.db");

    public string AuditIndexFile => Path.Combine(Root, "audit-index.db");

    public string CatalogueFile => Path.Combine(Root, "catalogue.db");

    public string JournalDirectory => Path.Combine(Root, "journal");

    /// <exception cref="StoreException">The folder is in use, is not ours, or cannot be made.</exception>
    public static DataDirectory Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            Create(root);
            return new DataDirectory(root, Hold(root));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the data folder `{root}` cannot be used: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>Whether a gate runs on this folder now.</summary>
    public static bool IsHeld(string path)
    {
        var file = Path.Combine(path, LockName);
        try
        {
            using var looked = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    public void Dispose() => held.Dispose();

    private static void Create(string root)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(root);
            return;
        }

        if (!Directory.Exists(root))
        {
            if (Path.GetDirectoryName(root) is { } parent)
            {
                Directory.CreateDirectory(parent);
            }

            Directory.CreateDirectory(root, PrivateMode);
            return;
        }

        if (!PrivateFile.IsOpenToOthers(root))
        {
            return;
        }

        // Tightening somebody's home or /tmp by a mistyped path would be worse than a refusal.
        if (!IsOurs(root) && Directory.EnumerateFileSystemEntries(root).Any())
        {
            throw new StoreException($"`{root}` holds other files and is open to other accounts; name an empty folder, or make it private with chmod 700");
        }

        File.SetUnixFileMode(root, PrivateMode);
    }

    private static bool IsOurs(string root) => File.Exists(Path.Combine(root, LockName)) || File.Exists(Path.Combine(root, Keyring.OperatorKeyName));

    private static FileStream Hold(string root)
    {
        var path = Path.Combine(root, LockName);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile.Mode;
        }

        FileStream file;
        try
        {
            file = new FileStream(path, options);
        }
        catch (IOException exception) when (File.Exists(path) && exception is not PathTooLongException)
        {
            throw new StoreException($"the data folder `{root}` is in use by another gateway; stop it or name another folder with --data", exception);
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        return file;
    }
}
