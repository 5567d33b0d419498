using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Callgate.Gateway.Upstreams;

/// <summary>How a server is reached.</summary>
public enum TransportKind
{
    /// <summary>Streamable HTTP.</summary>
    Http,

    /// <summary>HTTP+SSE of 2024-11-05.</summary>
    Sse,

    /// <summary>A child process.</summary>
    Stdio,
}

/// <summary>What happens to a tool whose live definition is not the reviewed one.</summary>
public enum OnDrift
{
    /// <summary>It stays listed as pinned, calls are refused with <c>definition.drifted</c>.</summary>
    Block,

    /// <summary>Calls pass; the drift is recorded.</summary>
    Report,

    /// <summary>A person is asked about each call, and is shown what changed.</summary>
    Approve,
}

/// <summary>What happens to a tool that appears after the first contact.</summary>
public enum OnNew
{
    /// <summary>It is unknown until reviewed.</summary>
    Block,

    /// <summary>It is taken as it comes, under the rules of the policy for its name and category.</summary>
    Categorise,
}

/// <summary>What the record keeps of the arguments of a call.</summary>
public enum RecordedArguments
{
    /// <summary>Their names and a keyed digest.</summary>
    Names,

    /// <summary>Their values too, sealed with the operator key.</summary>
    Sealed,
}

/// <summary>Bounds of time toward one upstream.</summary>
public sealed record UpstreamTimeouts(TimeSpan Connect, TimeSpan FirstByte, TimeSpan Idle, TimeSpan Total)
{
    public static UpstreamTimeouts Default { get; } =
        new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(10));

    /// <summary>For what is open to be told something some day: once it is answered it may last and be silent.</summary>
    public UpstreamTimeouts Endless() => this with { Idle = Timeout.InfiniteTimeSpan, Total = Timeout.InfiniteTimeSpan };
}

/// <summary>An upstream as the operator registered it. Header and environment values are secrets and appear in no text.</summary>
public sealed record ServerDefinition
{
    public required string Name { get; init; }

    public required TransportKind Transport { get; init; }

    /// <summary>The endpoint; null for <see cref="TransportKind.Stdio"/>.</summary>
    public Uri? Url { get; init; }

    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The fixed argument vector, program first; never a shell.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Methods beyond the known vocabulary (exact names or globs) that this server may be asked for.</summary>
    public ImmutableArray<string> MethodsAllow { get; init; } = [];

    public bool Public { get; init; }

    public OnDrift OnDrift { get; init; }

    public OnNew OnNew { get; init; }

    public RecordedArguments RecordedArguments { get; init; }

    public UpstreamTimeouts Timeouts { get; init; } = UpstreamTimeouts.Default;

    /// <summary>SHA-256 of the whole definition: two are the same exactly when this is.</summary>
    [JsonIgnore]
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)));

    /// <summary>Declared in <c>callgate.yaml</c>: read-only for the API and the CLI.</summary>
    public bool Declared { get; init; }
}
