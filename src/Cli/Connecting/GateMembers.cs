using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Callgate.Gateway.Clients;

namespace Callgate.Cli.Connecting;

/// <summary>The members that send a client to the gate, in the client's own spelling, and the ones they take the place of.</summary>
internal sealed class GateMembers
{
    /// <summary>The version of <c>mcp-remote</c> that the tests run; see docs/clients.md.</summary>
    private const string Bridge = "mcp-remote@0.15.1";

    private const string Variable = "CALLGATE_AUTHORIZATION";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What says how a server is started or reached, in any client. Everything else of an entry stays.</summary>
    private static readonly ImmutableHashSet<string> Connection = ImmutableHashSet.Create(
        StringComparer.Ordinal,
        "command", "args", "env", "envFile", "env_vars", "cwd", "url", "httpUrl", "serverUrl", "headers", "headersHelper", "type", "transport", "transportType",
        "http_headers", "env_http_headers", "bearer_token_env_var", "oauth", "authProviderType");

    private readonly List<(string Name, ConfigNode Value)> members = [];

    private GateMembers()
    {
    }

    public static bool IsConnection(ConfigMember member) => Connection.Contains(member.Name);

    public static GateMembers For(RemoteSpelling client, string url, string token, bool plainElsewhere)
    {
        var made = new GateMembers();
        var authorization = "Bearer " + token;
        if (client.Url is null)
        {
            // The token goes through the environment, which other users of the machine cannot read, as they can the arguments.
            string[] more = plainElsewhere ? ["--allow-http"] : [];
            made.Add("command", Text("npx"));
            made.Add("args", Array(["-y", Bridge, url, "--header", $"Authorization:${{{Variable}}}", "--transport", "http-only", .. more]));
            made.Add("env", Object(Variable, authorization));
            return made;
        }

        if (client.Type is { } type)
        {
            made.Add("type", Text(type));
        }

        made.Add(client.Url, Text(url));
        made.Add(client.Headers, Object("Authorization", authorization));
        return made;
    }

    /// <summary>Whether an entry says exactly this already.</summary>
    public bool AreIn(ConfigNode entry) =>
        entry.Members.Count(IsConnection) == members.Count && members.All(member => entry.Find(member.Name) is { } value && Same(value, member.Value));

    public IEnumerable<string> Json() => members.Select(static member => $"{Quoted(member.Name)}: {Spelled(member.Value, ": ")}");

    public IEnumerable<string> Toml() => members.Select(static member => $"{member.Name} = {Spelled(member.Value, " = ")}");

    private void Add(string name, ConfigNode value) => members.Add((name, value));

    private static ConfigNode Text(string text) => new(NodeKind.Text) { Text = text };

    private static ConfigNode Array(string[] texts)
    {
        var array = new ConfigNode(NodeKind.Array);
        array.Items.AddRange(texts.Select(Text));
        return array;
    }

    private static ConfigNode Object(string name, string value)
    {
        var node = new ConfigNode(NodeKind.Map);
        node.Members.Add(new ConfigMember(name, Text(value), []));
        return node;
    }

    private static bool Same(ConfigNode one, ConfigNode other) =>
        one.Kind == other.Kind && one.Text == other.Text
        && one.Items.Count == other.Items.Count && one.Items.Zip(other.Items, Same).All(static same => same)
        && one.Members.Count == other.Members.Count && one.Members.All(member => other.Find(member.Name) is { } value && Same(member.Value, value));

    private static string Spelled(ConfigNode node, string between) => node.Kind switch
    {
        NodeKind.Text => Quoted(node.Text!),
        NodeKind.Array => $"[{string.Join(", ", node.Items.Select(item => Spelled(item, between)))}]",
        _ => $"{{ {string.Join(", ", node.Members.Select(member => $"{Quoted(member.Name)}{between}{Spelled(member.Value, between)}"))} }}",
    };

    /// <summary>A string of JSON, which a basic string of TOML is too, as long as it is plain ASCII.</summary>
    private static string Quoted(string text) => Ascii.IsValid(text) ? JsonSerializer.Serialize(text, Relaxed) : throw new ArgumentException("addresses and tokens are plain text", nameof(text));
}
