using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Tests.Hosting;

/// <summary>The journal of a running gate, read on from where the last reading ended.</summary>
internal sealed class JournalTail(string directory)
{
    private readonly Dictionary<string, long> read = new(StringComparer.Ordinal);

    public JournalTail(RunningGate gate)
        : this(Path.Combine(gate.DataDirectory, "journal"))
    {
    }

    /// <summary>The entries of a kind that are new since the last call; a line being written waits for the next.</summary>
    public IReadOnlyList<JsonElement> Next(string kind = "call") =>
        [.. Lines().Select(static line => JsonElement.Parse(line)).Where(entry => entry.GetProperty("kind").GetString() == kind)];

    /// <summary>The whole lines that are new since the last call.</summary>
    public IReadOnlyList<string> Lines()
    {
        var lines = new List<string>();
        foreach (var file in Directory.EnumerateFiles(directory, "*.jsonl").Order(StringComparer.Ordinal))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var from = read.GetValueOrDefault(file);
            stream.Position = from;
            var bytes = new byte[stream.Length - from];
            stream.ReadExactly(bytes);
            var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            read[file] = from + end;
            lines.AddRange(Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        return lines;
    }
}
