namespace Callgate.Gateway.Configuration;

/// <summary>Reads files that operators write: whole, and never more than a bound.</summary>
public static class BoundedFile
{
    public const int MaxBytes = 1 << 20;

    /// <summary>The bytes, or the rest of a sentence that begins with the file's name.</summary>
    public static (byte[]? Bytes, string? Fault) Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaxBytes ? (null, "is larger than 1 MiB") : (buffer.AsSpan(0, length).ToArray(), null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            return (null, Directory.Exists(path) ? "is a folder" : "may not be read by this user");
        }
        catch (IOException exception)
        {
            return (null, $"cannot be read: {exception.Message}");
        }
    }
}
