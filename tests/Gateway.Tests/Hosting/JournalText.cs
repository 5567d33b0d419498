using System.Text.Json;

namespace Callgate.Gateway.Tests.Hosting;

/// <summary>The journal of a running gate, read as the text it is on disk.</summary>
internal static class JournalText
{
    /// <summary>The entries of a kind, oldest first.</summary>
    public static IReadOnlyList<JsonElement> Entries(RunningGate gate, string kind)
    {
        var entries = new List<JsonElement>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(gate.DataDirectory, "journal"), "*.jsonl").Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            while (reader.ReadLine() is { } line)
            {
                entries.Add(JsonElement.Parse(line));
            }
        }

        return [.. entries.Where(entry => entry.GetProperty("kind").GetString() == kind)];
    }

    /// <summary>The bytes of all segments.</summary>
    public static long Bytes(RunningGate gate) =>
        Directory.EnumerateFiles(Path.Combine(gate.DataDirectory, "journal"), "*.jsonl").Sum(static file => new FileInfo(file).Length);
}
