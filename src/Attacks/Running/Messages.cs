using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>Honest messages of each era, byte for byte.</summary>
internal static class Messages
{
    /// <summary>What every request of the newest era says of its client.</summary>
    public static string Meta(string more, string capabilities = "{}") => "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":" + capabilities + more + "}";

    /// <summary>A request; <paramref name="members"/> are the members of its params as text, without braces.</summary>
    public static string Request(Era era, string method, string members, string id, string meta = "", string? capabilities = null)
    {
        var claim = era == Era.Modern ? "\"_meta\":" + Meta(meta, capabilities ?? "{}") : meta.Length > 0 ? "\"_meta\":{" + meta.TrimStart(',') + "}" : "";
        var separator = members.Length > 0 && claim.Length > 0 ? "," : "";
        return $$"""{"jsonrpc":"2.0","id":{{id}},"method":{{Json.Quoted(method)}},"params":""" + "{" + members + separator + claim + "}}";
    }

    public static string Initialize(Era era, string id) =>
        $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"method":"initialize","params":{"protocolVersion":"{{{{era.Version()}}}}","capabilities":{},"clientInfo":{"name":"attack","version":"1"}}}""";

    /// <summary>The headers of an honest client.</summary>
    public static List<(string Name, string Value)> Headers(Era era, string token, string? session, string? method, string? mirror)
    {
        List<(string, string)> headers = [("Authorization", "Bearer " + token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", era.Version())];
        if (era != Era.Modern)
        {
            headers.AddRange(session is null ? [] : [("Mcp-Session-Id", session)]);
            return headers;
        }

        headers.AddRange(method is null ? [] : [("Mcp-Method", method)]);
        headers.AddRange(mirror is null ? [] : [("Mcp-Name", Mirrored(mirror))]);
        return headers;
    }

    /// <summary>What stands in `Mcp-Name` for a request; null where the method has none.</summary>
    public static string? Mirror(string method, JsonElement parameters) => method switch
    {
        "tools/call" or "prompts/get" => parameters.Text("name"),
        "resources/read" => parameters.Text("uri"),
        "tasks/get" or "tasks/cancel" or "tasks/update" or "tasks/result" => parameters.Text("taskId"),
        _ => null,
    };

    /// <summary>A value as it stands in a header: plain where it can, else in base64 between marks.</summary>
    private static string Mirrored(string value)
    {
        var plain = value.Length > 0 && value == value.Trim(' ', '\t') && value.All(static character => character is >= ' ' and <= '~') && !value.StartsWith("=?base64?", StringComparison.Ordinal);
        return plain || value.Length == 0 ? value : $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";
    }
}
