using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Storage;
using Callgate.Policy;

namespace Callgate.Gateway.Configuration;

/// <summary>Puts what the file declares and what the store holds together into one snapshot.</summary>
internal sealed class SnapshotMerge(Action<string, string> onUnusable)
{
    /// <summary>The author of revisions that came from the file. A stored policy whose newest revision is the file's lives only while the file declares it.</summary>
    public const string FileAuthor = "callgate.yaml";

    private readonly Dictionary<string, CompiledPolicy?> compiled = new(StringComparer.Ordinal);

    /// <summary>Names that both the file and the store claim. Neither wins silently: the operator decides.</summary>
    public static ImmutableArray<ConfigurationError> Clashes(string file, DeclaredConfiguration declared, StoredConfiguration stored)
    {
        var errors = ImmutableArray.CreateBuilder<ConfigurationError>();
        var servers = stored.Servers.Select(static server => server.Name).ToHashSet(StringComparer.Ordinal);
        var policies = stored.Policies.Where(static policy => policy.Author != FileAuthor).Select(static policy => policy.Name).ToHashSet(StringComparer.Ordinal);
        var grants = stored.Grants.Select(static grant => grant.Id).ToHashSet(StringComparer.Ordinal);
        var tokens = stored.Grants.Select(static grant => grant.TokenHash).ToHashSet(StringComparer.Ordinal);
        void Add(string message) => errors.Add(new ConfigurationError(file, 0, 0, message));

        foreach (var server in declared.Servers.Where(server => servers.Contains(server.Name)))
        {
            Add($"server `{server.Name}` is declared here and was also added by an operator; rename or remove one of them");
        }

        foreach (var policy in declared.Policies.Where(policy => policies.Contains(policy.Name)))
        {
            Add($"policy `{policy.Name}` is declared here and was also added by an operator; rename it here");
        }

        foreach (var grant in declared.Grants)
        {
            if (grants.Contains(grant.Id))
            {
                Add($"grant `{grant.Id}` is declared here and was also created by an operator; rename it here");
            }

            if (tokens.Contains(grant.TokenHash))
            {
                Add($"grant `{grant.Id}` has the token of a grant that an operator created; give it another");
            }
        }

        return errors.ToImmutable();
    }

    /// <param name="revisions">The revision of each declared policy.</param>
    public Snapshot Build(DeclaredConfiguration declared, StoredConfiguration stored, IReadOnlyDictionary<string, long> revisions)
    {
        var policies = declared.Policies
            .Select(policy => new PolicyRevision(policy.Name, revisions[policy.Name], policy.Digest, policy.Policy, policy.Document, Declared: true))
            .Concat(stored.Policies.Where(static policy => policy.Author != FileAuthor).Select(Compile).OfType<PolicyRevision>());
        return new Snapshot
        {
            Servers = declared.Servers.Concat(stored.Servers).ToFrozenDictionary(static server => server.Name, StringComparer.Ordinal),
            Policies = policies.ToFrozenDictionary(static policy => policy.Name, StringComparer.Ordinal),
            GrantsByTokenHash = declared.Grants.Concat(stored.Grants).ToFrozenDictionary(static grant => grant.TokenHash, StringComparer.Ordinal),
            Operators = stored.Operators.ToFrozenDictionary(static person => person.Name, StringComparer.Ordinal),
            RequiresSecondFactor = declared.RequiresSecondFactor,
            Pins = stored.Pins.ToFrozenDictionary(static pin => pin.Server, StringComparer.Ordinal),
            Shadows = stored.Shadows,
            Stops = stored.Stops.ToFrozenSet(StringComparer.Ordinal),
        };
    }

    /// <summary>A stored document that no longer compiles is left out: its grants meet no policy, which refuses everything.</summary>
    private PolicyRevision? Compile(StoredPolicy policy)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(policy.Document.Span));
        if (!compiled.TryGetValue(digest, out var ready))
        {
            var compilation = PolicyCompiler.Compile(policy.Document);
            ready = compilation.Policy;
            compiled[digest] = ready;
            if (ready is null)
            {
                onUnusable(policy.Name, compilation.Diagnostics is [var first, ..] ? first.Message : "no diagnostic");
            }
        }

        return ready is null ? null : new PolicyRevision(policy.Name, policy.Revision, digest, ready, policy.Document, Declared: false);
    }
}
