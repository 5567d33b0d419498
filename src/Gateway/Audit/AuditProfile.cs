using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>What many calls have in common, and what searches ask for.</summary>
internal sealed record AuditProfile(
    string? Grant,
    string? Identity,
    string? Server,
    string? Method,
    string? Tool,
    string Decision,
    string? Code,
    string? Rule,
    string? Policy,
    long? Revision,
    string? Outcome,
    string? Client,
    string ArgumentNames,
    bool Shadow)
{
    /// <summary>Tells one profile from all others in the file.</summary>
    public string Digest()
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(new object?[] { Grant, Identity, Server, Method, Tool, Decision, Code, Rule, Policy, Revision, Outcome, Client, ArgumentNames, Shadow });
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 16));
    }

    /// <summary>Everything that a search for text looks at, one under the other.</summary>
    public string Searched()
    {
        var text = new StringBuilder();
        foreach (var part in (ReadOnlySpan<string?>)[Tool, Method, Server, Identity, Client, Code, Rule, Policy])
        {
            text.Append(part).Append('\n');
        }

        foreach (var name in JsonElement.Parse(ArgumentNames).EnumerateArray())
        {
            text.Append(name.ValueKind == JsonValueKind.String ? name.GetString() : "").Append('\n');
        }

        return text.ToString();
    }
}
