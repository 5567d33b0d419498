using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Gates;

/// <summary>A grant that was made for a scenario.</summary>
public sealed record GrantHandle(string Id, string Token);

/// <summary>
/// A gate under attack, with what is needed to set up an attack on it: servers, policies and grants, the answers of people,
/// and what it says that it did. What it does is seen over the wire alone.
/// </summary>
public abstract class Gate : IAsyncDisposable
{
    /// <summary>Where clients of MCP and browsers come.</summary>
    public abstract Uri Front { get; }

    /// <summary>Whether its refusals carry the codes of this project.</summary>
    public virtual bool HasCodes => true;

    /// <summary>Whether it can tell what it recorded.</summary>
    public virtual bool HasRecord => true;

    public virtual Uri Mcp(string server) => new(Front, $"/mcp/{server}");

    public abstract Task AddServerAsync(string name, JsonObject members);

    /// <summary>Puts a policy in force; false when the gate does not take it.</summary>
    public abstract Task<bool> PutPolicyAsync(string name, string document);

    public abstract Task<GrantHandle> AddGrantAsync(string label, IReadOnlyDictionary<string, string?> servers, JsonElement more);

    public abstract Task RevokeAsync(string id);

    /// <summary>The calls that wait for a person on a server, oldest first, as people are shown them.</summary>
    public abstract Task<IReadOnlyList<JsonElement>> PendingAsync(string server);

    /// <summary>A person says yes; false when the gate does not take it.</summary>
    public abstract Task<bool> ApproveAsync(string id);

    /// <summary>The token with which somebody administers: `admin`, `approver` or `manager`.</summary>
    public abstract string TokenOf(string who);

    /// <summary>The entries of the record that name a server, in order.</summary>
    public abstract IReadOnlyList<JsonElement> Record(string server);

    /// <summary>The whole record as it is written.</summary>
    public abstract string RecordText();

    /// <summary>Ends it, orderly or not, and starts it again over the same data.</summary>
    public abstract Task RestartAsync(bool kill);

    /// <summary>Leaves no room for another entry of the record, or gives it back.</summary>
    public abstract Task FillDiskAsync(bool full);

    /// <summary>Ends it, damages its store of configuration, and starts it again: whether it starts all the same.</summary>
    public abstract Task<bool> StartsOnDamageAsync();

    /// <summary>Where its data lie, for whoever tries to read them.</summary>
    public virtual string DataFolder => "";

    /// <summary>Bytes of memory that it holds.</summary>
    public abstract long Memory { get; }

    /// <summary>What it counts, as text.</summary>
    public abstract Task<string> MetricsAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>A request as whoever has that token.</summary>
    protected static async Task<WireAnswer> RequestAsync(Uri address, string method, string? token, string? json, string scheme = "Bearer")
    {
        (string, string)[] headers = [.. token is null ? Array.Empty<(string, string)>() : [("Authorization", $"{scheme} {token}")], .. json is null ? Array.Empty<(string, string)>() : [("Content-Type", "application/json")]];
        return await WireClient.ExchangeAsync(address, WireClient.Request(method, address, System.Text.Encoding.UTF8.GetBytes(json ?? ""), headers), TimeSpan.FromSeconds(60));
    }
}
