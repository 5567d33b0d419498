using System.Text.Json;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>How far each anchor has got, by the number of the last entry whose head it took. Losing this only sends heads twice.</summary>
internal sealed class AnchorPositions(string path)
{
    public const string Name = "anchors.json";

    private readonly Lock gate = new();
    private Dictionary<string, long>? positions;

    public long this[string id]
    {
        get
        {
            lock (gate)
            {
                return (positions ??= Read()).GetValueOrDefault(id);
            }
        }
    }

    public void Set(string id, long seq)
    {
        lock (gate)
        {
            positions ??= Read();
            positions[id] = seq;
            PrivateFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(positions));
        }
    }

    private Dictionary<string, long> Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllBytes(path)) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
