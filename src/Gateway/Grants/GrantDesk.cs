using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Grants;

/// <summary>How what somebody decided about a grant was taken.</summary>
public enum GrantedOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such grant, server or policy.</summary>
    NotFound,

    /// <summary>The configuration file alone can change this grant.</summary>
    Declared,

    /// <summary>It is over, so that it cannot be given another token.</summary>
    Revoked,

    /// <summary>It cannot be as it is described.</summary>
    Invalid,

    /// <summary>The journal cannot record it.</summary>
    NotRecorded,
}

/// <summary>A grant that somebody asks for.</summary>
/// <param name="Servers">Server → policy; a null policy refuses everything there.</param>
/// <param name="Expires">RFC 3339 with an offset; null for one without an end.</param>
public sealed record GrantRequest(string Label, IReadOnlyDictionary<string, string?> Servers, string? Identity = null, IReadOnlyDictionary<string, string>? Attributes = null, string? Expires = null);

/// <summary>What became of it.</summary>
/// <param name="Grant">As it is now; null where there is none.</param>
/// <param name="Token">A new token, which is known here and nowhere else.</param>
public sealed record Granted(GrantedOutcome Outcome, GrantReply? Grant = null, string? Token = null)
{
    /// <summary>Each thing that is wrong with a request.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>What there is none of: <c>grant</c>, <c>server</c> or <c>policy</c>, and its name.</summary>
    public (string What, string Name) Missing { get; init; }

    /// <summary>What to tell whose decision did not count; null when it did.</summary>
    public string? Problem => Outcome switch
    {
        GrantedOutcome.Done => null,
        GrantedOutcome.NotFound => $"there is no {Missing.What} `{Missing.Name}`",
        GrantedOutcome.Declared => $"grant `{Grant!.Id}` is declared in the configuration file, which alone can change it",
        GrantedOutcome.Revoked => $"grant `{Grant!.Id}` is revoked; create another one",
        GrantedOutcome.Invalid => "the grant cannot be created as it is described",
        _ => "the journal cannot record this change, so it was not made",
    };

    internal static Granted No(string what, string name) => new(GrantedOutcome.NotFound) { Missing = (what, name) };
}

/// <summary>
/// Where operators make grants and end them: the API, the command line and pages come here. INVARIANT: one change at a time,
/// recorded before it is made, in force before it is answered.
/// </summary>
public sealed class GrantDesk(IConfigStore store, Configurator configurator, Journal journal, SnapshotSource snapshots, TimeProvider time)
{
    private const int LongestLabel = 128;

    private const int LongestIdentity = 256;

    private readonly RecordedChanges changes = new(configurator, journal, time);

    /// <summary>All of them, by id.</summary>
    public IReadOnlyList<GrantReply> List()
    {
        var now = snapshots.Current;
        return [.. now.GrantsByTokenHash.Values.OrderBy(static grant => grant.Id, StringComparer.Ordinal).Select(grant => GrantReply.Of(grant, now))];
    }

    /// <summary>Null when there is none.</summary>
    public GrantReply? Find(string id) => Find(snapshots.Current, id) is { } grant ? GrantReply.Of(grant, snapshots.Current) : null;

    /// <summary>Makes a grant; its token is shown this once.</summary>
    public ValueTask<Granted> CreateAsync(HttpContext context, GrantRequest asked)
    {
        var id = GrantToken.NewId();
        var token = GrantToken.New(id);
        return MakeAsync(context, snapshot =>
        {
            var (expires, wrong) = Check(asked, snapshot);
            if (wrong.Count > 0)
            {
                return Planned<Granted>.No(new Granted(GrantedOutcome.Invalid) { Wrong = wrong });
            }

            var grant = new Grant
            {
                Id = id,
                Label = asked.Label,
                TokenHash = GrantToken.HashOf(token),
                Identity = asked.Identity,
                Attributes = (asked.Attributes ?? ImmutableSortedDictionary<string, string>.Empty).ToImmutableSortedDictionary(StringComparer.Ordinal),
                Expires = expires,
                Created = time.GetUtcNow(),
                Servers = asked.Servers.ToImmutableSortedDictionary(StringComparer.Ordinal),
            };
            var action = new OperatorAction("grant-create", Grant: id, Detail: ChangeText.Of(null, GrantReply.Of(grant, snapshot).Digest()));
            return new Planned<Granted>(action, cancel => store.SaveGrantAsync(grant, cancel), Done(grant, snapshot, token));
        });
    }

    /// <summary>Ends a grant with all that it has open. One that is over stays as it is.</summary>
    public ValueTask<Granted> RevokeAsync(HttpContext context, string id) => MakeAsync(context, snapshot =>
    {
        if (Own(snapshot, id, out var refused) is not { } grant)
        {
            return Planned<Granted>.No(refused!);
        }

        var revoked = grant with { Revoked = grant.Revoked ?? time.GetUtcNow() };
        var action = new OperatorAction("grant-revoke", Grant: id, Detail: ChangeText.Of(GrantReply.Of(grant, snapshot).Digest(), "revoked"));
        return new Planned<Granted>(action, cancel => store.SaveGrantAsync(revoked, cancel), Done(revoked, snapshot));
    });

    /// <summary>Gives a grant another token; the one before ends with all that it has open.</summary>
    public ValueTask<Granted> RotateAsync(HttpContext context, string id)
    {
        var token = GrantToken.New(id);
        return MakeAsync(context, snapshot =>
        {
            if (Own(snapshot, id, out var refused) is not { } grant)
            {
                return Planned<Granted>.No(refused!);
            }

            if (grant.Revoked is not null)
            {
                return Planned<Granted>.No(new Granted(GrantedOutcome.Revoked, GrantReply.Of(grant, snapshot)));
            }

            var rotated = grant with { TokenHash = GrantToken.HashOf(token) };
            var action = new OperatorAction("grant-rotate", Grant: id, Detail: ChangeText.Of($"token sha256 {grant.TokenHash}", $"token sha256 {rotated.TokenHash}"));
            return new Planned<Granted>(action, cancel => store.SaveGrantAsync(rotated, cancel), Done(rotated, snapshot, token));
        });
    }

    /// <summary>Puts a grant under a policy on one server; null refuses everything there.</summary>
    public ValueTask<Granted> AttachAsync(HttpContext context, string id, string server, string? policy) => MakeAsync(context, snapshot =>
    {
        if (Own(snapshot, id, out var refused) is not { } grant)
        {
            return Planned<Granted>.No(refused!);
        }

        if (!snapshot.Servers.ContainsKey(server))
        {
            return Planned<Granted>.No(Granted.No("server", server));
        }

        if (policy is not null && !snapshot.Policies.ContainsKey(policy))
        {
            return Planned<Granted>.No(Granted.No("policy", policy));
        }

        var action = new OperatorAction("policy-attach", Server: server, Grant: id, Policy: policy, Detail: ChangeText.Of(grant.Servers.GetValueOrDefault(server), policy));
        return new Planned<Granted>(action, async cancel => await store.AttachAsync(id, server, policy, cancel), Done(grant with { Servers = grant.Servers.SetItem(server, policy) }, snapshot));
    });

    private static Granted Done(Grant grant, Snapshot snapshot, string? token = null) => new(GrantedOutcome.Done, GrantReply.Of(grant, snapshot), token);

    private static Grant? Find(Snapshot snapshot, string id) => snapshot.GrantsByTokenHash.Values.FirstOrDefault(grant => grant.Id == id);

    /// <summary>The grant when operators may change it.</summary>
    private static Grant? Own(Snapshot snapshot, string id, out Granted? refused)
    {
        var grant = Find(snapshot, id);
        refused = grant switch
        {
            null => Granted.No("grant", id),
            { Declared: true } => new Granted(GrantedOutcome.Declared, GrantReply.Of(grant, snapshot)),
            _ => null,
        };
        return refused is null ? grant : null;
    }

    private ValueTask<Granted> MakeAsync(HttpContext context, Func<Snapshot, Planned<Granted>> plan) => changes.MakeAsync(context, new Granted(GrantedOutcome.NotRecorded), plan);

    private (DateTimeOffset? Expires, List<string> Wrong) Check(GrantRequest asked, Snapshot snapshot)
    {
        var wrong = new List<string>();
        if (asked.Label.Length is 0 or > LongestLabel || asked.Label.Any(char.IsControl))
        {
            wrong.Add($"a label has 1 to {LongestLabel} characters and no control characters");
        }

        if (asked.Identity is { Length: 0 or > LongestIdentity })
        {
            wrong.Add($"an identity has 1 to {LongestIdentity} characters");
        }

        if (asked.Servers.Count == 0)
        {
            wrong.Add("name at least one server");
        }

        foreach (var (server, policy) in asked.Servers)
        {
            if (!snapshot.Servers.ContainsKey(server))
            {
                wrong.Add($"there is no server `{server}`");
            }

            if (policy is not null && !snapshot.Policies.ContainsKey(policy))
            {
                wrong.Add($"there is no policy `{policy}`");
            }
        }

        var expires = asked.Expires is null ? null : Quantity.TryInstant(asked.Expires);
        if (asked.Expires is not null && (expires is null || expires <= time.GetUtcNow()))
        {
            wrong.Add(expires is null ? "`expires` is a time with its offset, such as `2027-01-01T00:00:00Z`" : "`expires` lies in the past");
        }

        return (expires, wrong);
    }
}
