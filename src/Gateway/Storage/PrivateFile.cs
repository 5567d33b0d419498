using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Callgate.Gateway.Storage;

/// <summary>
/// Files that only the operator's account may read (mode 0600). They appear whole or not at all: written beside, synced,
/// then renamed. On Windows the folder's own permissions apply.
/// </summary>
public static partial class PrivateFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersMode = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates the file; false when another has created it meanwhile.</summary>
    public static bool TryCreate(string path, ReadOnlySpan<byte> content)
    {
        var temporary = Beside(path, content);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                File.Move(temporary, path, overwrite: false);
            }
            else if (Link(temporary, path) != 0)
            {
                // A move would look first and rename then; only a link decides between two creators in one step.
                return File.Exists(path) ? false : throw new IOException($"`{path}` cannot be created (error {Marshal.GetLastPInvokeError()})");
            }

            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Replaces the file, or creates it.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content) => File.Move(Beside(path, content), path, overwrite: true);

    /// <summary>Whether an account other than the owner has any right on the file or folder.</summary>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersMode) != 0;

    /// <summary>An empty file with mode 0600, for a writer that cannot set modes itself.</summary>
    internal static void Reserve(string path)
    {
        using var file = new FileStream(path, Options());
    }

    /// <summary>Hands the file's bytes to the disk.</summary>
    internal static void Sync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    private static string Beside(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp";
        using var file = new FileStream(temporary, Options());
        file.Write(content);
        file.Flush(flushToDisk: true);
        return temporary;
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        return options;
    }
}
