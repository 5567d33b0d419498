using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>A server over stdio: the executable itself in another mode, which reads its script from a file and notes in another what it saw.</summary>
public sealed class PipedServer : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("callgate-attack-child-").FullName;
    private readonly string name;

    public PipedServer(string name, JsonElement spec)
    {
        this.name = name;
        File.WriteAllText(Script, spec.GetRawText());
        File.WriteAllText(Log, "");
    }

    private string Script => Path.Combine(folder, "script.json");

    private string Log => Path.Combine(folder, "seen.jsonl");

    /// <summary>How a gate starts it. The last argument means nothing, unless a shell reads it.</summary>
    public IReadOnlyList<string> Command(IReadOnlyList<string> executable, string marker) => [.. executable, "attack", "upstream", Script, Log, $"$(touch {marker})"];

    public IReadOnlyList<Sighting> Seen() =>
        [.. File.ReadAllLines(Log).Select(line => new Sighting(name, new WireRequest("POST", "/", [], System.Text.Encoding.UTF8.GetBytes(line)), Json.Lenient(line)))];

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
