using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Attacks.Gates;

/// <summary>A gate that is not ours: an address and a token. Nothing can be set up on it, and neither its upstream nor its record is seen.</summary>
/// <param name="address">The endpoint of MCP.</param>
/// <param name="token">The token to come with.</param>
/// <param name="tool">A tool that may be called; without one nothing that needs a call that passes is run.</param>
/// <param name="arguments">Its arguments, as JSON.</param>
public sealed class OutsideGate(Uri address, string token, string? tool, string arguments) : Gate
{
    private static readonly NotSupportedException Outside = new("this gate can only be looked at from outside");

    public override Uri Front => address;

    public string Token => token;

    /// <summary>The tool that may be called, or a name that nobody has.</summary>
    public string Tool => tool ?? "no_tool_was_named";

    public bool NamesATool => tool is not null;

    public string Arguments => arguments;

    public override bool HasCodes => false;

    public override bool HasRecord => false;

    public override long Memory => 0;

    public override Uri Mcp(string server) => address;

    public override Task AddServerAsync(string name, JsonObject members) => throw Outside;

    public override Task<bool> PutPolicyAsync(string name, string document) => throw Outside;

    public override Task<GrantHandle> AddGrantAsync(string label, IReadOnlyDictionary<string, string?> servers, JsonElement more) => throw Outside;

    public override Task RevokeAsync(string id) => throw Outside;

    public override Task<IReadOnlyList<JsonElement>> PendingAsync(string server) => throw Outside;

    public override Task<bool> ApproveAsync(string id) => throw Outside;

    public override string TokenOf(string who) => throw Outside;

    public override IReadOnlyList<JsonElement> Record(string server) => [];

    public override string RecordText() => throw Outside;

    public override Task RestartAsync(bool kill) => throw Outside;

    public override Task FillDiskAsync(bool full) => throw Outside;

    public override Task<bool> StartsOnDamageAsync() => throw Outside;

    public override Task<string> MetricsAsync() => throw Outside;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
