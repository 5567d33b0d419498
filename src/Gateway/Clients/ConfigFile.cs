using System.Text;
using System.Text.Json;
using Tomlyn;

namespace Callgate.Gateway.Clients;

/// <summary>How a configuration is written.</summary>
public enum ConfigFormat
{
    Json,

    /// <summary>JSON with comments and trailing commas.</summary>
    CommentedJson,

    Toml,
}

/// <summary>A configuration as it was read.</summary>
/// <param name="Lenient">It has comments or trailing commas, which its client does not promise to read.</param>
public sealed record ConfigDocument(byte[] Bytes, ConfigNode Root, bool Lenient);

/// <summary>
/// Reads configurations that anybody may have written: bounded in size, depth and time, and whatever is wrong is a sentence
/// that quotes nothing of the file.
/// </summary>
public static class ConfigFile
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private const int MaxTomlBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Neither bytes nor a fault where nothing is.</summary>
    public static async Task<(byte[]? Bytes, string? Fault)> ReadAsync(string path)
    {
        if (Directory.Exists(path))
        {
            return (null, "is a folder, not a file");
        }

        var link = new FileInfo(path).LinkTarget is not null;
        if (!File.Exists(path) && !link)
        {
            return (null, null);
        }

        try
        {
            // A pipe blocks whoever opens it until somebody writes; the thread is left behind then.
            var bytes = await Task.Run(() => ReadAll(path)).WaitAsync(Patience);
            return bytes.Length > MaxBytes ? (null, $"is larger than {MaxBytes / 1024 / 1024} MiB") : (bytes, null);
        }
        catch (TimeoutException)
        {
            return (null, "cannot be read in time; is it a file?");
        }
        catch (UnauthorizedAccessException)
        {
            return (null, "may not be read by this user");
        }
        catch (IOException)
        {
            return (null, link ? "is a link that leads nowhere" : "cannot be read");
        }
    }

    public static (ConfigDocument? Document, string? Fault) Parse(byte[] bytes, ConfigFormat format, IReadOnlyList<string[]> ways)
    {
        if (bytes.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            return (new ConfigDocument(bytes, new ConfigNode(NodeKind.Map), false), null);
        }

        return format == ConfigFormat.Toml ? Toml(bytes, ways) : Json(bytes, format == ConfigFormat.CommentedJson, ways);
    }

    private static byte[] ReadAll(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (content.Length <= MaxBytes && file.Read(buffer) is > 0 and var read)
        {
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private static (ConfigDocument?, string?) Json(byte[] bytes, bool comments, IReadOnlyList<string[]> ways)
    {
        var (document, fault) = Json(bytes, comments, ways, lenient: false);
        return document is not null || comments ? (document, fault) : Json(bytes, comments: true, ways, lenient: true) is { Document: { } read } ? (read, null) : (null, fault);
    }

    private static (ConfigDocument? Document, string? Fault) Json(byte[] bytes, bool comments, IReadOnlyList<string[]> ways, bool lenient)
    {
        try
        {
            return (new ConfigDocument(bytes, JsonTree.Read(bytes, comments, ways), lenient), null);
        }
        catch (JsonException exception)
        {
            return (null, exception.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? "is nested too deeply"
                : $"is no JSON (line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1})");
        }
        catch (InvalidOperationException)
        {
            return (null, "holds text that is no Unicode");
        }
    }

    private static (ConfigDocument?, string?) Toml(byte[] bytes, IReadOnlyList<string[]> ways)
    {
        if (bytes.Length > MaxTomlBytes)
        {
            return (null, $"is larger than {MaxTomlBytes / 1024 / 1024} MiB");
        }

        try
        {
            var text = Strict.GetString(bytes);
            var mark = text.StartsWith('\uFEFF') ? 1 : 0;
            var (root, fault) = TomlTree.Read(text[mark..], ways[0][0], mark * 3);
            return root is null ? (null, fault) : (new ConfigDocument(bytes, root, false), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, "holds text that is no Unicode");
        }
        catch (TomlException)
        {
            return (null, "is no TOML, or nested too deeply");
        }
    }
}
