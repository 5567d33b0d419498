using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Scenarios;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>
/// One part of a scenario in one era, set up on a gate: servers, a policy and grants of its own, so that nothing that others
/// do on the same gate is seen here.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string DefaultPolicy = """{"version":"1","default":"deny","hide":["secret"],"tools":{"greet":{}}}""";

    private static readonly JsonElement DefaultUpstream = Json.Lenient("""{"tools":["greet","secret"]}""");
    private static int last;

    private readonly ConcurrentDictionary<(string, string), string?> sessions = [];
    private readonly RecordingUpstream upstream;
    private readonly Dictionary<string, ScriptedServer> servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PipedServer> piped = new(StringComparer.Ordinal);
    private int lastId;

    private Stage(Scenario scenario, Era era, string part, Gate gate, RecordingUpstream upstream, Suite suite)
    {
        (Scenario, Era, Gate, this.upstream, LongestWait) = (scenario, era, gate, upstream, suite.LongestWait);
        Name = string.Create(CultureInfo.InvariantCulture, $"{scenario.Id.ToLowerInvariant()}-{part}-{Interlocked.Increment(ref last)}");
        Variables["meta"] = era == Era.Modern ? ",\"_meta\":" + Messages.Meta("") : "";
        Variables["version"] = era.Version();
        Variables["server"] = Name;
        Variables["path"] = gate.Mcp(Name).PathAndQuery;
        Variables["host"] = gate.Front.Authority;
        Variables["canary"] = upstream.Canary(Name).ToString();
        Variables["claim"] = Messages.Meta("");
        Variables["data"] = gate.DataFolder;
        Variables["marker"] = Path.Combine(Path.GetTempPath(), "callgate-attack-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
    }

    public Scenario Scenario { get; }

    public Era Era { get; }

    public Gate Gate { get; }

    /// <summary>How long conditions are waited for.</summary>
    public TimeSpan LongestWait { get; }

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Patience => Scenario.Patience < LongestWait ? Scenario.Patience : LongestWait;

    /// <summary>The name of its first server, and of its policy.</summary>
    public string Name { get; }

    public Variables Variables { get; } = new();

    public Dictionary<string, GrantHandle> Grants { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers that a step gave a name.</summary>
    public ConcurrentDictionary<string, WireAnswer> Saved { get; } = new(StringComparer.Ordinal);

    /// <summary>What is open and is closed at the end.</summary>
    public List<OpenStream> Open { get; } = [];

    /// <summary>Everything that upstreams of this stage saw and a client asked for.</summary>
    public IReadOnlyList<Sighting> Asked => [.. servers.Values.SelectMany(static server => server.Seen).Concat(piped.Values.SelectMany(static server => server.Seen())).Where(static sighting => sighting.IsAsked).OrderBy(static sighting => sighting.Number)];

    public IReadOnlyList<Sighting> Seen => [.. servers.Values.SelectMany(static server => server.Seen)];

    public IReadOnlyList<string> CanarySaw => upstream.CanarySaw(Name);

    public IReadOnlyList<JsonElement> Recorded => Gate.HasRecord ? [.. Gate.Record(Name).Concat(servers.Keys.Concat(piped.Keys).Where(name => name != Name).SelectMany(Gate.Record)).OrderBy(static entry => entry.Member("seq").TryGetInt64(out var number) ? number : 0)] : [];

    public static async Task<Stage> OpenAsync(Scenario scenario, Era era, string part, Gate gate, RecordingUpstream upstream, Suite suite)
    {
        var stage = new Stage(scenario, era, part, gate, upstream, suite);
        if (gate is OutsideGate outside)
        {
            await stage.OutsideAsync(outside);
            return stage;
        }

        await stage.ServersAsync(suite);
        await stage.PoliciesAsync();
        await stage.GrantsAsync();

        // First contact: from here on it is known what the server offered.
        await new StepRunner(stage).ListAsync("agent", "");
        foreach (var server in scenario.Document.Member("servers").Members())
        {
            await new StepRunner(stage).ListAsync("agent", server.Name);
        }

        return stage;
    }

    public string NextId() => (1_000 + Interlocked.Increment(ref lastId)).ToString(CultureInfo.InvariantCulture);

    /// <summary>The whole name of a server that a step names.</summary>
    public string ServerName(string? named) => string.IsNullOrEmpty(named) ? Name : $"{Name}-{named}";

    public ScriptedServer Server(string? named) => servers[ServerName(named)];

    public string Fill(string text) => Variables.Fill(text);

    public JsonElement Fill(JsonElement value) => Json.Lenient(Variables.Fill(value.GetRawText()));

    /// <summary>The session of a grant on a server, begun when there is none.</summary>
    public async Task<string?> SessionAsync(string grant, string? server, bool anew)
    {
        if (Era == Era.Modern)
        {
            return null;
        }

        var key = (grant, server ?? "");
        if (anew || !sessions.TryGetValue(key, out var session))
        {
            session = await new StepRunner(this).InitializeAsync(grant, server);
            sessions[key] = session;
            Variables[$"session_{grant}"] = session ?? "";
        }

        return session;
    }

    /// <summary>Sessions end with the gate that began them.</summary>
    public void ForgetSessions() => sessions.Clear();

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in Open)
        {
            await stream.DisposeAsync();
        }

        foreach (var name in servers.Keys)
        {
            upstream.Unmount(name);
        }

        foreach (var server in piped.Values)
        {
            server.Dispose();
        }
    }

    private async Task OutsideAsync(OutsideGate outside)
    {
        Variables["path"] = outside.Mcp(Name).PathAndQuery;
        Grants["agent"] = new GrantHandle("", outside.Token);
        Variables["token"] = outside.Token;
        if (!(await new StepRunner(this).ListAsync("agent", "")).IsAnswered)
        {
            throw new InvalidOperationException($"the gate does not answer a client of {Era.Version()}");
        }
    }

    private async Task ServersAsync(Suite suite)
    {
        var document = Scenario.Document;
        var specs = document.Member("servers").Members().Select(static server => (server.Name, server.Value)).Prepend(("", document.Has("upstream") ? document.Member("upstream") : DefaultUpstream));
        foreach (var (named, spec) in specs)
        {
            var name = ServerName(named);
            var members = document.Has("server") ? (JsonObject)JsonNode.Parse(Fill(document.Member("server")).GetRawText())! : [];
            if (members["stdio"]?.GetValue<bool>() == true)
            {
                members.Remove("stdio");
                piped[name] = new PipedServer(name, Fill(spec));
                members["command"] = new JsonArray([.. piped[name].Command(suite.Executable, Variables["marker"]).Select(static part => (JsonNode)part)]);
            }
            else
            {
                servers[name] = upstream.Mount(name, Fill(spec));
                members["url"] = upstream.Url(name).ToString();
            }

            await Gate.AddServerAsync(name, members);
        }
    }

    private async Task PoliciesAsync()
    {
        var document = Scenario.Document;
        var policies = document.Member("policies").Members().Select(static policy => ("-" + policy.Name, policy.Value.GetRawText()))
            .Prepend(("", document.Has("policy") ? document.Member("policy").GetRawText() : DefaultPolicy));
        foreach (var (suffix, text) in policies)
        {
            if (!await Gate.PutPolicyAsync(Name + suffix, Fill(text)))
            {
                throw new InvalidOperationException($"the gate does not take the policy {text}");
            }
        }
    }

    private async Task GrantsAsync()
    {
        var stated = Scenario.Document.Member("grants").Members().ToDictionary(static grant => grant.Name, static grant => grant.Value, StringComparer.Ordinal);
        stated.TryAdd("agent", default);
        foreach (var (label, grant) in stated)
        {
            var policy = grant.Has("policy") ? grant.Text("policy") is { } other ? $"{Name}-{other}" : null : Name;
            var open = grant.Has("servers") ? grant.Member("servers").Items().Select(server => ServerName(server.AsText())) : servers.Keys.Concat(piped.Keys);
            var more = JsonSerializer.SerializeToElement(grant.Members().Where(static member => member.Name is not ("policy" or "servers")).ToDictionary(static member => member.Name, static member => member.Value));
            Grants[label] = await Gate.AddGrantAsync($"{Name}-{label}", open.ToDictionary(static server => server, _ => policy), more);
            Variables[label == "agent" ? "token" : $"token_{label}"] = Grants[label].Token;
            Variables[$"grant_{label}"] = Grants[label].Id;
        }
    }
}
