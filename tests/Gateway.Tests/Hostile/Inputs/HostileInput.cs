using System.Text;

namespace Callgate.Gateway.Tests.Hostile.Inputs;

/// <summary>Which protocol an input speaks: the stateless version, a session of the newest version that has them, a session of the version with arrays.</summary>
public enum Era
{
    Modern,
    Legacy,
    Batches,
}

/// <summary>What the contract says comes of an input.</summary>
/// <param name="Code">The code of its one record; null where records are admitted at a bounded rate and are not looked at.</param>
/// <param name="Method">The method of its record.</param>
/// <param name="RpcCode">The code of the JSON-RPC error; null where the answer is not ours to word.</param>
internal sealed record Expected(int Status, int? RpcCode, string? Code = "request.malformed", string Method = "http/post")
{
    /// <summary>No JSON that can be read in one way.</summary>
    public static Expected NoJson { get; } = new(400, -32700);

    /// <summary>JSON, and no message.</summary>
    public static Expected NoMessage { get; } = new(400, -32600);

    /// <summary>A tool call whose params are none.</summary>
    public static Expected NoParams { get; } = new(400, -32602, Method: "tools/call");

    /// <summary>Headers that do not agree with the body.</summary>
    public static Expected Mismatch { get; } = new(400, -32020, Method: "tools/call");

    /// <summary>A body of another kind than the endpoint takes.</summary>
    public static Expected NoMedia { get; } = new(415, -32600);

    public string Decision { get; init; } = "deny";

    /// <summary>The id is none that could be said again.</summary>
    public bool NamesNoId { get; init; }

    /// <summary>The tool of the record; a malformed request has none.</summary>
    public string? Tool { get; init; }

    /// <summary>The name is none that this caller can see.</summary>
    public static Expected UnknownTool(string name, string code = "tool.unknown") =>
        new(200, -32602, code, "tools/call") { Decision = "hide", Tool = name };
}

/// <summary>One bad input. The name is what a failure shows.</summary>
/// <param name="Headers">In the place of an honest client's; null for those.</param>
internal sealed record HostileInput(string Name, byte[] Body, Expected Expected, (string Name, string Value)[]? Headers = null)
{
    public HostileInput(string body, Expected expected)
        : this(body.Length > 300 ? body[..300] + "…" : body, Encoding.UTF8.GetBytes(body), expected)
    {
    }

    /// <summary>What an honest client would mirror beside this body; <c>echo</c> and <c>tools/call</c> unless said otherwise.</summary>
    public string? Mirrored { get; init; } = "echo";

    public string Method { get; init; } = "tools/call";

    /// <summary>The value of <c>Mcp-Name</c> for any name: always in its encoded form, which says every text.</summary>
    public string? MirroredHeader => Mirrored is null or "echo" or "add" ? Mirrored : $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(Mirrored))}?=";
}
