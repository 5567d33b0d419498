using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway;

/// <summary>A server as operators see it: names of headers and variables, never their values.</summary>
public sealed record ServerReply(
    string Name,
    string Transport,
    string? Url,
    IReadOnlyList<string> HeaderNames,
    IReadOnlyList<string> Command,
    IReadOnlyList<string> EnvNames,
    IReadOnlyList<string> MethodsAllow,
    bool Public,
    string OnDrift,
    string OnNew,
    string RecordedArguments,
    bool Declared,
    bool Stopped,
    int ToolsReviewed,
    int ToolsDrifted,
    int ToolsWaiting)
{
    public static ServerReply Of(ServerDefinition server, Snapshot snapshot)
    {
        var pins = PinBook.Of(snapshot, server.Name);
        var drifted = pins?.Tools.Values.Count(static tool => tool.DriftedTo is not null) ?? 0;
        return new ServerReply(
            server.Name,
            server.Transport.ToString().ToLowerInvariant(),
            Address(server.Url),
            [.. server.Headers.Keys],
            server.Command,
            [.. server.Environment.Keys],
            server.MethodsAllow,
            server.Public,
            server.OnDrift.ToString().ToLowerInvariant(),
            server.OnNew.ToString().ToLowerInvariant(),
            server.RecordedArguments.ToString().ToLowerInvariant(),
            server.Declared,
            snapshot.Stops.Contains($"server:{server.Name}"),
            (pins?.Tools.Count ?? 0) - drifted,
            drifted,
            pins?.Waiting.Count ?? 0);
    }

    /// <summary>For the record: of what the API shows.</summary>
    internal string Digest() => ChangeText.DigestOf(this);

    /// <summary>The query of an address may hold a key, so it is not shown.</summary>
    private static string? Address(Uri? url) =>
        url is null ? null : url.GetLeftPart(UriPartial.Path) + (url.Query.Length > 0 ? "?…" : string.Empty);
}
