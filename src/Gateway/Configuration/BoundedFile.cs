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
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return ReadWhole(stream) is { } whole ? (whole, null) : (null, "is larger than 1 MiB");
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

    /// <summary>Null for more than the bound. The length that the file tells is only where the buffer begins: it may grow, and a device tells none.</summary>
    private static byte[]? ReadWhole(FileStream stream)
    {
        var buffer = new byte[(stream.CanSeek ? (int)Math.Min(stream.Length, MaxBytes) : 0) + 1];
        var length = 0;
        while (true)
        {
            length += stream.ReadAtLeast(buffer.AsSpan(length), buffer.Length - length, throwOnEndOfStream: false);
            if (length > MaxBytes)
            {
                return null;
            }

            if (length < buffer.Length)
            {
                return buffer.AsSpan(0, length).ToArray();
            }

            Array.Resize(ref buffer, Math.Min(buffer.Length * 2, MaxBytes + 1));
        }
    }
}
