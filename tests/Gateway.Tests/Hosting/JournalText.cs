using System.Text.Json;

namespace Callgate.Gateway.Tests.Hosting;

/// <summary>The journal of a running gate, read as the text it is on disk.</summary>
internal static class JournalText
{
    /// <summary>The entries of a kind, oldest first.</summary>
    public static IReadOnlyList<JsonElement> Entries(RunningGate gate, string kind) => new JournalTail(gate).Next(kind);

    /// <summary>The bytes of all segments.</summary>
    public static long Bytes(RunningGate gate) =>
        Directory.EnumerateFiles(Path.Combine(gate.DataDirectory, "journal"), "*.jsonl").Sum(static file => new FileInfo(file).Length);
}
