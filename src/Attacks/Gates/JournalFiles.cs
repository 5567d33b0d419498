using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Gates;

/// <summary>The record as it lies on the disk: JSON lines in segments. What was read once is not read again.</summary>
internal sealed class JournalFiles
{
    private readonly Dictionary<string, List<JsonElement>> byServer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> read = new(StringComparer.Ordinal);
    private readonly Lock reading = new();

    public IReadOnlyList<JsonElement> Entries(string folder, string server)
    {
        lock (reading)
        {
            foreach (var segment in Segments(folder))
            {
                ReadOn(segment);
            }

            return byServer.TryGetValue(server, out var found) ? [.. found] : [];
        }
    }

    public static string Text(string folder) => string.Concat(Segments(folder).Select(static segment =>
    {
        using var file = new StreamReader(new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return file.ReadToEnd();
    }));

    private static IEnumerable<string> Segments(string folder) => Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal);

    private void ReadOn(string segment)
    {
        // A small disk is another mount after each start, so the name counts and not the path.
        var name = Path.GetFileName(segment);
        using var file = new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(read.GetValueOrDefault(name), SeekOrigin.Begin);
        var bytes = new byte[file.Length - file.Position];
        file.ReadExactly(bytes);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        read[name] = read.GetValueOrDefault(name) + whole;
        foreach (var line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var entry = Json.Lenient(line);
            if (entry.Text("server") is { } server)
            {
                if (!byServer.TryGetValue(server, out var entries))
                {
                    byServer[server] = entries = [];
                }

                entries.Add(entry);
            }
        }
    }
}
