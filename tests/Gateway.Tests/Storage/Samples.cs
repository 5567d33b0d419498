using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

/// <summary>Values with every member set, and comparisons that look at every member.</summary>
internal static class Samples
{
    public static DateTimeOffset Moment { get; } = new(2026, 3, 1, 23, 59, 59, 987, TimeSpan.Zero);

    public static ServerDefinition HttpServer(string name) => new()
    {
        Name = name,
        Transport = TransportKind.Http,
        Url = new Uri("http://127.0.0.1:9001/mcp?key=canary-url"),
        Headers = Map(("Authorization", "Bearer canary-header"), ("x-Trace", "")),
        MethodsAllow = ["vendor/extra", "vendor/*"],
        Public = true,
        OnDrift = OnDrift.Report,
        OnNew = OnNew.Categorise,
        RecordedArguments = RecordedArguments.Sealed,
        Timeouts = new(TimeSpan.FromMilliseconds(1500), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromHours(4)),
    };

    public static ServerDefinition StdioServer(string name) => new()
    {
        Name = name,
        Transport = TransportKind.Stdio,
        Command = ["npx", "--token=canary-argument", "/data"],
        Environment = Map(("LOG_LEVEL", "warn"), ("SECRET", "canary-environment")),
    };

    /// <summary>Of policy <c>p</c>, from revision 1.</summary>
    public static Proposal Proposal(string id) => new()
    {
        Id = id,
        Policy = "p",
        Base = 1,
        Document = "{}",
        Digest = "sha256 0",
        Author = "ada",
        Note = "why",
        Made = Moment,
        Origin = new ProposalOrigin("asked", "up", "up@2026-07-28", "add", "f"),
    };

    public static Grant Grant(string id) => new()
    {
        Id = id,
        Label = "laptop of " + id,
        TokenHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id))),
        Identity = "alice@example.com",
        Attributes = Map(("tenant", "acme"), ("Tenant", "other")),
        Expires = Moment.AddYears(1),
        Created = Moment,
        Servers = new Dictionary<string, string?> { ["dagster"] = "careful", ["files"] = null }.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    public static Operator Operator(string name) => new()
    {
        Name = name,
        Identity = name + "@example.com",
        Roles = Roles.Any,
        PasswordHash = "hash of " + name,
        Stamp = "s1",
        Created = Moment,
        Invitation = new Invitation("hash of a link for " + name, Moment.AddHours(24)),
    };

    public static OperatorSession Session(string person, string hash) => new(hash, person, "s1", SessionKind.Page, Moment, Moment.AddMinutes(1), Moment.AddHours(12), "192.0.2.7");

    public static PinnedServer Pins(string server, string tool)
    {
        var reviewed = new PinnedTool(tool, "{\"name\":\"x\"}"u8.ToArray(), "f1", ToolCategory.Write, "{\"name\":\"y\"}"u8.ToArray());
        var waiting = new PinnedTool(tool, ReadOnlyMemory<byte>.Empty, "f2");
        return new PinnedServer(server, Named(reviewed), Named(waiting), "be careful", Moment)
        {
            Lists = new Dictionary<ListingKind, PinnedList>
            {
                [ListingKind.Prompt] = new(Named(reviewed with { Category = null }), Named(waiting)),
                [ListingKind.Template] = new(FrozenDictionary<string, PinnedTool>.Empty, FrozenDictionary<string, PinnedTool>.Empty),
            }.ToFrozenDictionary(),
            ShownInstructions = "be careless",
        };
    }

    public static void Same(ServerDefinition expected, ServerDefinition actual)
    {
        Assert.Equal(expected.Headers, actual.Headers);
        Assert.Equal(expected.Command, actual.Command);
        Assert.Equal(expected.Environment, actual.Environment);
        Assert.Equal(expected.MethodsAllow, actual.MethodsAllow);
        Assert.Equal(expected.Url?.OriginalString, actual.Url?.OriginalString);
        Assert.Equal(Plain(expected), Plain(actual));
    }

    public static void Same(Grant expected, Grant actual)
    {
        Assert.Equal(expected.Attributes, actual.Attributes);
        Assert.Equal(expected.Servers, actual.Servers);
        Assert.Equal(Plain(expected), Plain(actual));
    }

    public static void Same(PinnedTool expected, PinnedTool actual)
    {
        Assert.Equal((expected.Name, expected.Fingerprint, expected.Category), (actual.Name, actual.Fingerprint, actual.Category));
        Assert.Equal(expected.Definition.ToArray(), actual.Definition.ToArray());
        Assert.Equal(expected.DriftedTo?.ToArray(), actual.DriftedTo?.ToArray());
    }

    /// <summary>Without the members that compare by reference; the rest compares as the compiler says.</summary>
    private static ServerDefinition Plain(ServerDefinition server) => server with
    {
        Headers = ImmutableSortedDictionary<string, string>.Empty,
        Environment = ImmutableSortedDictionary<string, string>.Empty,
        Command = [],
        MethodsAllow = [],
    };

    private static Grant Plain(Grant grant) => grant with
    {
        Attributes = ImmutableSortedDictionary<string, string>.Empty,
        Servers = ImmutableSortedDictionary<string, string?>.Empty,
    };

    private static ImmutableSortedDictionary<string, string> Map(params (string Name, string Value)[] members) =>
        members.ToImmutableSortedDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    private static FrozenDictionary<string, PinnedTool> Named(PinnedTool tool) =>
        new Dictionary<string, PinnedTool> { [tool.Name] = tool }.ToFrozenDictionary(StringComparer.Ordinal);
}
