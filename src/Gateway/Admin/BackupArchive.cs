using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Admin;

/// <summary>
/// A backup is one tar file with what a gate cannot make again: the configuration store, the keys, the journal. It opens
/// the sealed secrets, so it is as secret as the data folder. The administrator's token is not in it; a restored gate
/// makes a new one.
/// </summary>
public static class BackupArchive
{
    public const string Folder = "backups";

    private static readonly string[] Keys = ["operator.key", "digest.key", JournalKey.FileName];

    private const string Heads = "journal/" + HeadsFile.Name;

    public static async ValueTask<string> WriteAsync(AdminParts parts, CancellationToken ct)
    {
        var folder = Path.Combine(parts.DataDirectory, Folder);
        CreatePrivate(folder);
        var stamp = parts.Time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var file = Path.Combine(folder, $"callgate-{stamp}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}.tar");
        var store = file + ".store";
        try
        {
            await parts.Store.BackupAsync(store, ct);
            await using (var output = new FileStream(file + ".part", PrivateFileOptions()))
            await using (var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true))
            {
                await AddAsync(tar, store, parts.StoreFileName, ct);
                foreach (var key in Keys.Where(key => File.Exists(Path.Combine(parts.DataDirectory, key))))
                {
                    await AddAsync(tar, Path.Combine(parts.DataDirectory, key), key, ct);
                }

                // Before the segments, so that no head is there whose entry is not.
                await AddHeadsAsync(tar, Path.Combine(parts.DataDirectory, Heads), ct);
                foreach (var segment in Directory.EnumerateFiles(parts.JournalDirectory, "*.jsonl").Order(StringComparer.Ordinal))
                {
                    await AddWholeLinesAsync(tar, segment, ct);
                }

                await output.FlushAsync(ct);
            }

            File.Move(file + ".part", file);
            return file;
        }
        finally
        {
            File.Delete(store);
            File.Delete(file + ".part");
        }
    }

    /// <summary>Unpacks a backup into a folder that holds none of its files yet.</summary>
    /// <returns>The sentence that says why not, or null.</returns>
    public static async ValueTask<string?> RestoreAsync(string archive, string dataDirectory, CancellationToken ct)
    {
        try
        {
            if (Directory.Exists(dataDirectory) && Directory.EnumerateFileSystemEntries(dataDirectory).Any())
            {
                return Occupied(dataDirectory);
            }

            using var held = DataDirectory.Open(dataDirectory);
            Directory.CreateDirectory(held.JournalDirectory);
            await using var input = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read);
            await using var tar = new TarReader(input);
            var found = 0;
            while (await tar.GetNextEntryAsync(copyData: false, ct) is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !IsOurs(entry.Name, held))
                {
                    return $"`{archive}` is no backup of callgate: it holds `{entry.Name}`";
                }

                await using var output = new FileStream(Path.Combine(dataDirectory, entry.Name), PrivateFileOptions());
                await (entry.DataStream ?? Stream.Null).CopyToAsync(output, ct);
                output.Flush(flushToDisk: true);
                found++;
            }

            return found == 0 ? $"`{archive}` is empty" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoreException or InvalidDataException)
        {
            return $"the backup cannot be restored: {exception.Message.TrimEnd('.')}";
        }
    }

    private static string Occupied(string dataDirectory)
    {
        try
        {
            using var held = DataDirectory.Open(dataDirectory);
            return $"`{dataDirectory}` is not empty; restore into a new folder, then start the gate with it";
        }
        catch (StoreException exception)
        {
            return exception.Message;
        }
    }

    private static bool IsOurs(string name, DataDirectory folder) =>
        Keys.Contains(name, StringComparer.Ordinal)
        || name == Path.GetFileName(folder.ConfigurationFile)
        || name == Heads
        || (name.StartsWith("journal/", StringComparison.Ordinal) && name.Length == 34 && name.EndsWith(".jsonl", StringComparison.Ordinal) && name[8..28].All(char.IsAsciiDigit));

    private static async ValueTask AddAsync(TarWriter tar, string path, string name, CancellationToken ct)
    {
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await WriteEntryAsync(tar, content, name, ct);
    }

    private static async ValueTask AddHeadsAsync(TarWriter tar, string path, CancellationToken ct)
    {
        if (File.Exists(path))
        {
            await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using var present = new BoundedStream(content, content.Length);
            await WriteEntryAsync(tar, present, Heads, ct);
        }
    }

    /// <summary>The writer may be in the middle of a line: what has no newline yet belongs to the next backup.</summary>
    private static async ValueTask AddWholeLinesAsync(TarWriter tar, string path, CancellationToken ct)
    {
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using var whole = new BoundedStream(content, WholeLines(content));
        await WriteEntryAsync(tar, whole, $"journal/{Path.GetFileName(path)}", ct);
    }

    private static long WholeLines(FileStream content)
    {
        var end = content.Length;
        var block = new byte[64 * 1024];
        while (end > 0)
        {
            var start = Math.Max(0, end - block.Length);
            content.Position = start;
            content.ReadExactly(block, 0, (int)(end - start));
            var newline = block.AsSpan(0, (int)(end - start)).LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                content.Position = 0;
                return start + newline + 1;
            }

            end = start;
        }

        content.Position = 0;
        return 0;
    }

    private static async ValueTask WriteEntryAsync(TarWriter tar, Stream content, string name, CancellationToken ct)
    {
        var entry = new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            DataStream = content,
        };
        await tar.WriteEntryAsync(entry, ct);
    }

    private static FileStreamOptions PrivateFileOptions()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile.Mode;
        }

        return options;
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, PrivateFile.Mode | UnixFileMode.UserExecute);
        }
    }
}
