using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Callgate.Gateway.Audit;

/// <summary>What a test does before an operation: throw, or write a part of the bytes and throw.</summary>
internal delegate void DiskFault(string operation, SafeFileHandle? file, ReadOnlySpan<byte> bytes, long offset);

/// <summary>The operations of the journal that a disk can fail, with a place for tests to fail the nth one.</summary>
internal sealed partial class JournalDisk
{
    private const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const int CopyBytes = 128 * 1024;

    public DiskFault? Fault { get; init; }

    /// <summary>Stands in for the free bytes of the disk.</summary>
    public Func<long>? Free { get; init; }

    /// <summary>A new segment. One of the same name is what an earlier attempt left behind and holds no acknowledged entry.</summary>
    public SafeFileHandle Create(string path)
    {
        Fault?.Invoke("create", null, default, 0);
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, FileMode0600);
        }

        return file;
    }

    public SafeFileHandle Open(string path)
    {
        Fault?.Invoke("open", null, default, 0);
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        Fault?.Invoke("write", file, bytes, offset);
        RandomAccess.Write(file, bytes, offset);
    }

    public void Sync(SafeFileHandle file)
    {
        Fault?.Invoke("sync", file, default, 0);
        RandomAccess.FlushToDisk(file);
    }

    public void Truncate(SafeFileHandle file, long length)
    {
        Fault?.Invoke("truncate", file, default, length);
        RandomAccess.SetLength(file, length);
    }

    public void Delete(string path)
    {
        Fault?.Invoke("delete", null, default, 0);
        File.Delete(path);
    }

    /// <summary>The file's length, -1 when it is gone.</summary>
    public long LengthOf(string path)
    {
        Fault?.Invoke("length", null, default, 0);
        var file = new FileInfo(path);
        return file.Exists ? file.Length : -1;
    }

    /// <summary>The open file's length, whatever its name is by now.</summary>
    public static long LengthOf(SafeFileHandle file) => RandomAccess.GetLength(file);

    public long FreeBytes(string directory) => Free?.Invoke() ?? new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Makes the names in the folder survive loss of power.</summary>
    public void SyncDirectory(string directory)
    {
        Fault?.Invoke("sync folder", null, default, 0);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = OpenDirectory(directory, 0);
        if (descriptor < 0)
        {
            throw new IOException($"the folder cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var failed = SyncDescriptor(descriptor) != 0;
        var reason = failed ? Marshal.GetLastPInvokeErrorMessage() : null;
        _ = CloseDescriptor(descriptor);
        if (failed)
        {
            throw new IOException($"the folder cannot be synced: {reason}");
        }
    }

    /// <summary>Writes a segment anew that somebody has deleted while it was open.</summary>
    public void Restore(SafeFileHandle deleted, string path, long length)
    {
        Fault?.Invoke("restore", deleted, default, length);
        var temporary = path + ".tmp";
        using (var copy = Create(temporary))
        {
            var buffer = new byte[CopyBytes];
            for (long offset = 0; offset < length;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset));
                var read = RandomAccess.Read(deleted, part, offset);
                if (read == 0)
                {
                    throw new IOException("the deleted segment is shorter than what was written to it");
                }

                RandomAccess.Write(copy, part[..read], offset);
                offset += read;
            }

            RandomAccess.FlushToDisk(copy);
        }

        File.Move(temporary, path, overwrite: false);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);
}
