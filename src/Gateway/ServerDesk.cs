using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Upstreams;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway;

/// <summary>A server to add. Either <c>url</c> or <c>command</c>.</summary>
public sealed record ServerBody(
    string Name,
    string? Url = null,
    string? Transport = null,
    IReadOnlyDictionary<string, string>? Headers = null,
    IReadOnlyList<string>? Command = null,
    IReadOnlyDictionary<string, string>? Env = null,
    IReadOnlyList<string>? MethodsAllow = null,
    bool Public = false,
    string? OnDrift = null,
    string? OnNew = null,
    string? RecordedArguments = null);

/// <summary>Values to give to headers or variables of a server, and names that are to be gone. What is not named stays.</summary>
/// <param name="Headers">For a server with <c>url</c>.</param>
/// <param name="Env">For a server with <c>command</c>.</param>
/// <param name="Remove">Names of headers or variables.</param>
public sealed record CredentialsBody(IReadOnlyDictionary<string, string>? Headers = null, IReadOnlyDictionary<string, string>? Env = null, IReadOnlyList<string>? Remove = null);

/// <summary>What came of trying a server.</summary>
public sealed record ServerTest(string Server, bool Reached, string? ProtocolVersion, string? ReportedName, int Tools, long DurationMs, string? Fault);

/// <summary>How what somebody decided about a server was taken.</summary>
public enum RegisteredOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such server.</summary>
    NotFound,

    /// <summary>The name is taken.</summary>
    Exists,

    /// <summary>The configuration file alone can change it.</summary>
    Declared,

    /// <summary>It cannot be as it is described.</summary>
    Invalid,

    /// <summary>The journal cannot record it.</summary>
    NotRecorded,
}

/// <summary>What became of it.</summary>
/// <param name="Name">The server that was spoken of.</param>
/// <param name="Server">As it is now, or was when it was removed; null where there is none.</param>
public sealed record Registered(RegisteredOutcome Outcome, string Name, ServerReply? Server = null)
{
    /// <summary>Each thing that is wrong with a request.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>What to tell whose decision did not count; null when it did.</summary>
    public string? Problem => Outcome switch
    {
        RegisteredOutcome.Done => null,
        RegisteredOutcome.NotFound => $"there is no server `{Name}`",
        RegisteredOutcome.Exists => $"server `{Name}` exists already",
        RegisteredOutcome.Declared => $"server `{Name}` is declared in the configuration file, which alone can change it",
        RegisteredOutcome.Invalid => "the server cannot be as it is described",
        _ => "the journal cannot record this change, so it was not made",
    };
}

/// <summary>
/// Where operators register servers, give them credentials, try and remove them: the API, the command line and pages come
/// here. INVARIANT: one change at a time, recorded before it is made, in force before it is answered.
/// </summary>
/// <param name="test">Connects, initialises and lists, changing nothing.</param>
public sealed class ServerDesk(
    IConfigStore store, Configurator configurator, Journal journal, SnapshotSource snapshots, Func<string, CancellationToken, ValueTask<ServerTest>> test, TimeProvider time)
{
    private readonly RecordedChanges changes = new(configurator, journal, time);

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<ServerReply> List()
    {
        var now = snapshots.Current;
        return [.. now.Servers.Values.OrderBy(static server => server.Name, StringComparer.Ordinal).Select(server => ServerReply.Of(server, now))];
    }

    /// <summary>Null when there is none.</summary>
    public ServerReply? Find(string name) => snapshots.Current.Servers.TryGetValue(name, out var server) ? ServerReply.Of(server, snapshots.Current) : null;

    /// <summary>Registers a server; it is met at once.</summary>
    public async ValueTask<Registered> AddAsync(HttpContext context, ServerBody asked)
    {
        var (server, wrong) = ServerReading.Definition(asked, configurator.Declared);
        return server is null ? new Registered(RegisteredOutcome.Invalid, asked.Name) { Wrong = wrong } : await MakeAsync(context, server.Name, snapshot =>
        {
            if (snapshot.Servers.TryGetValue(server.Name, out var present))
            {
                return Planned<Registered>.No(new Registered(present.Declared ? RegisteredOutcome.Declared : RegisteredOutcome.Exists, server.Name));
            }

            var action = new OperatorAction("server-add", Server: server.Name, Detail: ChangeText.Of(null, ServerReply.Of(server, snapshot).Digest()));
            return new Planned<Registered>(action, cancel => store.SaveServerAsync(server, cancel), Done(server, snapshot));
        });
    }

    /// <summary>Removes a server and what was reviewed of it.</summary>
    public ValueTask<Registered> RemoveAsync(HttpContext context, string name) => MakeAsync(context, name, snapshot =>
    {
        if (Own(snapshot, name, out var refused) is not { } server)
        {
            return Planned<Registered>.No(refused!);
        }

        var action = new OperatorAction("server-remove", Server: name, Detail: ChangeText.Of(ServerReply.Of(server, snapshot).Digest(), null));
        return new Planned<Registered>(
            action,
            async cancel =>
            {
                await store.RemovePinsAsync(name, cancel);
                await store.RemovePinsAsync(PinBook.ModernKey(name), cancel);
                await store.RemoveServerAsync(name, cancel);
            },
            Done(server, snapshot));
    });

    /// <summary>Gives headers or variables of a server other values; what runs with the ones before ends. The record has their names alone.</summary>
    public ValueTask<Registered> SetCredentialsAsync(HttpContext context, string name, CredentialsBody asked) => MakeAsync(context, name, snapshot =>
    {
        if (Own(snapshot, name, out var refused) is not { } server)
        {
            return Planned<Registered>.No(refused!);
        }

        var (changed, wrong) = ServerReading.WithCredentials(server, asked);
        if (changed is null)
        {
            return Planned<Registered>.No(new Registered(RegisteredOutcome.Invalid, name) { Wrong = wrong });
        }

        var set = (asked.Headers ?? ImmutableSortedDictionary<string, string>.Empty).Keys.Concat((asked.Env ?? ImmutableSortedDictionary<string, string>.Empty).Keys);
        var action = new OperatorAction("server-credentials", Server: name, Detail: $"set: {Names(set)}; removed: {Names(asked.Remove ?? [])}");
        return new Planned<Registered>(action, cancel => store.SaveServerAsync(changed, cancel), Done(changed, snapshot));
    });

    /// <summary>Connects to a server; nothing is changed. Without a test where there is no such server, or it cannot be recorded.</summary>
    public async ValueTask<(Registered Asked, ServerTest? Test)> TestAsync(HttpContext context, string name)
    {
        if (Find(name) is not { } server)
        {
            return (new Registered(RegisteredOutcome.NotFound, name), null);
        }

        var (recorded, seen) = await changes.Record.AroundAsync(context, new OperatorAction("server-test", Server: name), () => test(name, context.RequestAborted));
        return recorded ? (new Registered(RegisteredOutcome.Done, name, server), seen) : (new Registered(RegisteredOutcome.NotRecorded, name, server), null);
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Take(64)) is { Length: > 0 } text ? text : "none";

    private static Registered Done(ServerDefinition server, Snapshot snapshot) => new(RegisteredOutcome.Done, server.Name, ServerReply.Of(server, snapshot));

    /// <summary>The server when operators may change it.</summary>
    private static ServerDefinition? Own(Snapshot snapshot, string name, out Registered? refused)
    {
        var server = snapshot.Servers.GetValueOrDefault(name);
        refused = server is null ? new Registered(RegisteredOutcome.NotFound, name)
            : server.Declared ? new Registered(RegisteredOutcome.Declared, name, ServerReply.Of(server, snapshot))
            : null;
        return refused is null ? server : null;
    }

    private ValueTask<Registered> MakeAsync(HttpContext context, string name, Func<Snapshot, Planned<Registered>> plan) =>
        changes.MakeAsync(context, new Registered(RegisteredOutcome.NotRecorded, name), plan);
}
