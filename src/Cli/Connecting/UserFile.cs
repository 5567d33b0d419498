using System.Security.Cryptography;
using Callgate.Gateway.Clients;
using Callgate.Gateway.Storage;

namespace Callgate.Cli.Connecting;

/// <summary>A file of a person that is replaced whole or not at all, keeps its mode, and is what its name says: no link to elsewhere.</summary>
internal sealed class UserFile(string path, string shown)
{
    public string Path => path;

    public string Shown => shown;

    /// <summary>Links would take a change to a file that nobody named.</summary>
    /// <param name="folder">Links above this folder are the person's own way of keeping things.</param>
    public void RefuseLinks(string folder)
    {
        for (var at = path; at is not null && at != folder && at.StartsWith(folder, StringComparison.Ordinal); at = System.IO.Path.GetDirectoryName(at))
        {
            FileSystemInfo entry = Directory.Exists(at) ? new DirectoryInfo(at) : new FileInfo(at);
            if (entry.LinkTarget is not null)
            {
                throw new CommandFault(ExitCode.Failed, $"callgate: `{shown}` leads through a link{Target(entry, at)}; name the file itself with --file");
            }
        }
    }

    public async Task<byte[]> ReadAsync() => await ConfigFile.ReadAsync(path) switch
    {
        ({ } bytes, _) => bytes,
        (_, { } fault) => throw new CommandFault(ExitCode.Failed, $"callgate: `{shown}` {fault}"),
        _ => throw new CommandFault(ExitCode.Failed, $"callgate: `{shown}` is not there"),
    };

    /// <param name="expected">What the file held when it was read; null when it is no longer there. Its client may write it at any time.</param>
    public async Task ReplaceAsync(byte[]? expected, byte[] content)
    {
        var temporary = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp";
        try
        {
            var mode = expected is null || OperatingSystem.IsWindows() ? PrivateFile.Mode : File.GetUnixFileMode(path);
            await WriteAsync(temporary, content, mode);
            var (now, _) = await ConfigFile.ReadAsync(path);
            if (expected is null ? now is not null : now is null || !now.AsSpan().SequenceEqual(expected))
            {
                throw new CommandFault(ExitCode.Failed, $"callgate: `{shown}` was changed meanwhile, so nothing was written; end the client and try again");
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{shown}` cannot be written: {exception.Message.TrimEnd('.')}");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public bool IsOpenToOthers() => File.Exists(path) && PrivateFile.IsOpenToOthers(path);

    private static async Task WriteAsync(string temporary, byte[] content, UnixFileMode mode)
    {
        // Private until it is whole, whatever it becomes then.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile.Mode;
        }

        await using var file = new FileStream(temporary, options);
        await file.WriteAsync(content);
        file.Flush(flushToDisk: true);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file.SafeFileHandle, mode);
        }
    }

    private string Target(FileSystemInfo entry, string at)
    {
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true) is { } target ? $" to `{target.FullName + path[at.Length..]}`" : "";
        }
        catch (IOException)
        {
            return " that leads nowhere";
        }
    }
}
