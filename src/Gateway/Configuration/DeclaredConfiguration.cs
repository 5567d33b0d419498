using System.Collections.Immutable;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Webhooks;
using Callgate.Policy;

namespace Callgate.Gateway.Configuration;

/// <summary>What <c>callgate.yaml</c> says, read whole and free of errors.</summary>
public sealed record DeclaredConfiguration
{
    /// <summary>What holds without a file: nothing declared, every setting at its default.</summary>
    public static DeclaredConfiguration Empty { get; } = new();

    public ImmutableArray<ServerDefinition> Servers { get; init; } = [];

    public ImmutableArray<DeclaredPolicy> Policies { get; init; } = [];

    public ImmutableArray<Grant> Grants { get; init; } = [];

    public RecordSettings Record { get; init; } = new();

    public UpstreamTimeouts Timeouts { get; init; } = UpstreamTimeouts.Default;

    /// <summary>The address clients use when it is not the one listened on.</summary>
    public Uri? PublicUrl { get; init; }

    public ListenSettings Listen { get; init; } = new();

    public ApprovalSettings Approvals { get; init; } = new();

    /// <summary>Whether nobody is signed in without a second factor.</summary>
    public bool RequiresSecondFactor { get; init; }
}

/// <summary>A policy file, compiled.</summary>
/// <param name="Path">The full path of the file.</param>
/// <param name="Digest">SHA-256 of the document, lower-case hex.</param>
public sealed record DeclaredPolicy(string Name, string Path, ReadOnlyMemory<byte> Document, string Digest, CompiledPolicy Policy);

/// <summary>How the record is kept.</summary>
/// <param name="Arguments">What is kept of arguments, for servers that do not say it themselves.</param>
/// <param name="RetentionAge">Segments older than this may be dropped; null keeps them.</param>
/// <param name="RetentionBytes">The oldest segments beyond this may be dropped; null keeps them.</param>
public sealed record RecordSettings(Durability Durability = Durability.Process, RecordedArguments Arguments = RecordedArguments.Names, TimeSpan? RetentionAge = null, long? RetentionBytes = null)
{
    /// <summary>Where signed heads are copied to.</summary>
    public ImmutableArray<Anchor> Anchors { get; init; } = [];

    /// <summary>Equal in content; the compiler-made equality compares the anchors by reference.</summary>
    public bool SameAs(RecordSettings other) => Anchors.SequenceEqual(other.Anchors) && this with { Anchors = other.Anchors } == other;
}

/// <summary>How people are asked.</summary>
/// <param name="Wait">How long a call is held for them before its client is told to repeat it.</param>
/// <param name="Url">Under which address they find their pages; null for <c>public_url</c>, or for what is listened on.</param>
public sealed record ApprovalSettings(TimeSpan Wait, Uri? Url)
{
    public ApprovalSettings()
        : this(ApprovalPages.UsualWait, null)
    {
    }

    /// <summary>Who is told about approvals, in the order of the file.</summary>
    public ImmutableArray<Webhook> Webhooks { get; init; } = [];
}

/// <summary>What an address that is not loopback needs.</summary>
/// <param name="AllowedHosts">Values of the Host header that are served, beside those of the addresses themselves.</param>
/// <param name="Certificate">Full path of the PEM certificate chain; null without TLS of our own.</param>
/// <param name="CertificateKey">Full path of its PEM key.</param>
/// <param name="TrustedProxies">Addresses of proxies that end TLS: beyond loopback, plain HTTP is taken from them alone. No header of theirs is read.</param>
/// <param name="InsecureHttp">The operator accepts plain HTTP on an address that is not loopback.</param>
public sealed record ListenSettings(
    ImmutableArray<string> AllowedHosts,
    string? Certificate,
    string? CertificateKey,
    ImmutableArray<System.Net.IPAddress> TrustedProxies,
    bool InsecureHttp)
{
    public ListenSettings()
        : this([], null, null, [], false)
    {
    }

    /// <summary>Socket completions run on the threads that wait for sockets, without a hand-over to the pool.</summary>
    public bool InlineCompletions { get; init; }

    /// <summary>Equal in content; the compiler-made equality compares the arrays by reference.</summary>
    public bool SameAs(ListenSettings other) =>
        AllowedHosts.SequenceEqual(other.AllowedHosts, StringComparer.Ordinal)
        && TrustedProxies.SequenceEqual(other.TrustedProxies)
        && (Certificate, CertificateKey, InsecureHttp, InlineCompletions) == (other.Certificate, other.CertificateKey, other.InsecureHttp, other.InlineCompletions);
}
