using System.Net;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Configuration;

public sealed class ConfigurationFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("callgate-configuration-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Load_ContractExample_ReadsEveryMember()
    {
        var configuration = Load(
            """
            servers:
              dagster:
                url: http://127.0.0.1:9001/mcp
                headers: { Authorization: "Bearer ${DAGSTER_TOKEN}" }
              files:
                command: [npx, -y, "@modelcontextprotocol/server-filesystem", /data]
                env: { LOG_LEVEL: warn }
                methods: { allow: ["vendor/extra"] }
                public: false
                on_drift: block
                on_new: block
            policies:
              careful: policies/careful.json
            grants:
              laptop:
                token: ${CALLGATE_LAPTOP_TOKEN}
                identity: alice@example.com
                attributes: { tenant: acme }
                expires: 2027-01-01T00:00:00Z
                servers: { dagster: careful, files: careful }
            record: { durability: process, arguments: names, retention: { age: 400d, size: 50GB } }
            timeouts: { connect: 10s, first_byte: 60s, idle: 60s, total: 10m }
            public_url: https://gate.example.com
            """);

        var dagster = configuration.Servers[0];
        Assert.Equal(("dagster", TransportKind.Http, "http://127.0.0.1:9001/mcp"), (dagster.Name, dagster.Transport, dagster.Url!.AbsoluteUri));
        Assert.Equal("Bearer from-environment", dagster.Headers["authorization"]);
        Assert.True(dagster.Declared);
        var files = configuration.Servers[1];
        Assert.Equal(TransportKind.Stdio, files.Transport);
        Assert.Equal(["npx", "-y", "@modelcontextprotocol/server-filesystem", "/data"], files.Command);
        Assert.Equal("warn", files.Environment["LOG_LEVEL"]);
        Assert.Equal(["vendor/extra"], files.MethodsAllow);
        Assert.Equal((OnDrift.Block, OnNew.Block, false, RecordedArguments.Names), (files.OnDrift, files.OnNew, files.Public, files.RecordedArguments));
        var policy = Assert.Single(configuration.Policies);
        Assert.Equal(("careful", 64), (policy.Name, policy.Digest.Length));
        var grant = Assert.Single(configuration.Grants);
        Assert.Equal(GrantToken.HashOf("0123456789abcdef0123456789abcdef"), grant.TokenHash);
        Assert.Equal(("laptop", "laptop", "alice@example.com"), (grant.Id, grant.Label, grant.Identity));
        Assert.Equal("acme", grant.Attributes["tenant"]);
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), grant.Expires);
        Assert.Equal("careful", grant.Servers["files"]);
        Assert.Equal(new RecordSettings(Durability.Process, RecordedArguments.Names, TimeSpan.FromDays(400), 50_000_000_000), configuration.Record);
        Assert.Equal(UpstreamTimeouts.Default, configuration.Timeouts);
        Assert.Equal("https://gate.example.com/", configuration.PublicUrl!.AbsoluteUri);
    }

    [Theory]
    [InlineData("careful.yaml")]
    [InlineData("careful.YML")]
    public void Load_PolicyInYaml_KeepsItAsJson(string name)
    {
        File.WriteAllText(Path.Combine(folder, name), "# for people\nversion: \"1\"\ndefault: deny\ntools: { \"list_*\": {} }\n");

        var policy = Assert.Single(Load($"policies: {{ careful: {name} }}").Policies);

        Assert.Equal("""{"version":"1","default":"deny","tools":{"list_*":{}}}""", Encoding.UTF8.GetString(policy.Document.Span));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(policy.Document.Span)), policy.Digest);
        Assert.Equal("/tools/list_*", policy.Policy.Explain("list_runs").Entry);
    }

    [Fact]
    public void Load_OtherSpellings_AreRead()
    {
        var configuration = Load(
            """
            servers:
              old: { url: "https://mcp.example.com/sse", transport: sse, on_drift: report, on_new: categorise, public: true }
              named: { url: "https://mcp.example.com/mcp", record: { arguments: names } }
            grants:
              ci:
                token_sha256: 0000000000000000000000000000000000000000000000000000000000000000
                servers:
                  old:
            record: { durability: power, arguments: sealed }
            timeouts: { first_byte: 500ms }
            listen: { allowed_hosts: [Gate.Example.com], trusted_proxy: 10.0.0.1, insecure_http: true }
            """);

        var old = configuration.Servers[0];
        Assert.Equal((TransportKind.Sse, OnDrift.Report, OnNew.Categorise, true), (old.Transport, old.OnDrift, old.OnNew, old.Public));
        Assert.Equal([RecordedArguments.Sealed, RecordedArguments.Names], configuration.Servers.Select(static server => server.RecordedArguments));
        Assert.Equal(TimeSpan.FromMilliseconds(500), old.Timeouts.FirstByte);
        Assert.Null(configuration.Grants[0].Servers["old"]);
        Assert.Equal(Durability.Power, configuration.Record.Durability);
        Assert.Equal(["gate.example.com"], configuration.Listen.AllowedHosts);
        Assert.Equal([IPAddress.Parse("10.0.0.1")], configuration.Listen.TrustedProxies);
        Assert.True(configuration.Listen.InsecureHttp);
    }

    [Fact]
    public void Load_EscapedAndNestedVariables_AreTextOnce()
    {
        var configuration = Load(
            """
            servers:
              a: { command: [echo, "$${HOME}", "${NESTED}", "a$b", "x-${DAGSTER_TOKEN}-y"] }
            """);

        Assert.Equal(["echo", "${HOME}", "${DAGSTER_TOKEN}", "a$b", "x-from-environment-y"], configuration.Servers[0].Command);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("servers:\npolicies:\ngrants:\n")]
    public void Load_NothingDeclared_IsEmpty(string text)
    {
        var configuration = Load(text);

        Assert.Empty(configuration.Servers);
        Assert.Empty(configuration.Grants);
    }

    [Fact]
    public void Load_NoSuchFile_SaysSo()
    {
        var load = ConfigurationFile.Load(Path.Combine(folder, "absent.yaml"), static _ => null);

        Assert.Null(load.Configuration);
        Assert.EndsWith("absent.yaml: the configuration file does not exist", Assert.Single(load.Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe, 0x41 }, "the configuration file is not UTF-8")]
    [InlineData(null, "the configuration file is larger than 1 MiB")]
    public void Load_UnreadableBytes_SaysWhy(byte[]? bytes, string message)
    {
        var path = Path.Combine(folder, "callgate.yaml");
        File.WriteAllBytes(path, bytes ?? new byte[BoundedFile.MaxBytes + 1]);

        Assert.Equal(message, Assert.Single(ConfigurationFile.Load(path, static _ => null).Errors).Message);
    }

    [Fact]
    public void Load_Examples_AllAreSound()
    {
        var examples = Directory.EnumerateFiles(RepositoryFiles.At("examples"), "callgate.yaml", SearchOption.AllDirectories).ToList();

        Assert.True(examples.Count >= 3);
        foreach (var example in examples)
        {
            var load = ConfigurationFile.Load(example, static name => $"example-value-of-{name}-0123456789abcdef");
            Assert.Equal([], load.Errors.Select(static error => error.ToString()));
            Assert.NotEmpty(load.Configuration!.Servers);
            Assert.NotEmpty(load.Configuration.Grants);
        }
    }

    private DeclaredConfiguration Load(string text)
    {
        Directory.CreateDirectory(Path.Combine(folder, "policies"));
        File.WriteAllText(Path.Combine(folder, "policies", "careful.json"), """{ "version": "1", "default": "deny", "tools": {} }""");
        var path = Path.Combine(folder, "callgate.yaml");
        File.WriteAllText(path, text);
        var load = ConfigurationFile.Load(path, static name => name switch
        {
            "DAGSTER_TOKEN" => "from-environment",
            "NESTED" => "${DAGSTER_TOKEN}",
            "CALLGATE_LAPTOP_TOKEN" => "0123456789abcdef0123456789abcdef",
            _ => null,
        });
        Assert.Equal([], load.Errors.Select(static error => error.ToString()));
        return load.Configuration!;
    }
}
