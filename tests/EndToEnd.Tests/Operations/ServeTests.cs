using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Gateway;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>The contract of `callgate serve`: what it prints, what it refuses, what it leaves in the data folder.</summary>
public sealed class ServeTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    [Fact]
    public async Task Configuration_Wrong_Is2WithEveryErrorOnStderr()
    {
        using var folder = new TemporaryFolder();
        folder.Write("wrong.json", """{ "version": "1", "default": "maybe", "hidden": [] }""");
        var config = folder.Write("callgate.yaml", """
            servers:
              up: { url: ftp://127.0.0.1/mcp }
              two: { url: http://127.0.0.1:9/mcp, headers: { Authorization: "${CALLGATE_TEST_ABSENT}" } }
            policies: { p: wrong.json, q: absent.json }
            grants:
              agent: { token: short, servers: { up: p, third: p } }
            colour: red
            """);

        var (code, output, errors) = await GateProcess.RunAsync("serve", "--config", config, "--data", folder.File("data"), "--listen", "http://0.0.0.0:0");

        Assert.Equal((2, ""), (code, output));
        string[] expected = ["callgate.yaml:2:14", "CALLGATE_TEST_ABSENT", "maybe", "hidden", "absent.json", "token", "third", "colour", "--admin-listen", "public_url", "plain HTTP"];
        Assert.All(expected, text => Assert.Contains(text, errors, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.File("data")), "a refused start left something behind");
    }

    [Fact]
    public async Task Listen_BeyondLoopback_IsRefusedListingAllThatIsMissing()
    {
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await GateProcess.RunAsync("serve", "--data", folder.File("data"), "--listen", "http://0.0.0.0:0");
        var (adminCode, _, adminErrors) = await GateProcess.RunAsync("serve", "--data", folder.File("data"), "--listen", "http://127.0.0.1:0", "--admin-listen", "http://0.0.0.0:0");

        Assert.Equal((2, 2), (code, adminCode));
        Assert.Equal(3, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(["--admin-listen", "public_url", "trusted_proxy"], text => Assert.Contains(text, errors, StringComparison.Ordinal));
        Assert.Contains("https", adminErrors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_BeyondLoopbackWithAllItNeeds_Serves()
    {
        using var folder = new TemporaryFolder();
        var config = folder.Write("callgate.yaml", """
            public_url: https://gate.example.com
            listen: { trusted_proxy: 127.0.0.1 }
            """);
        await using var gate = await GateProcess.ServeAsync(folder.File("data"), ["--config", config, "--listen", "http://0.0.0.0:0", "--admin-listen", "http://127.0.0.1:0"]);
        var front = new Uri($"http://127.0.0.1:{gate.Root.Port}/mcp/up");

        Assert.Equal(401, (await OperatedGate.HttpAsync(front, host: "gate.example.com", method: "POST")).Status);
        Assert.Equal(403, (await OperatedGate.HttpAsync(front, host: "elsewhere.example.com", method: "POST")).Status);
        Assert.Equal(404, (await OperatedGate.HttpAsync(new Uri(front, "/api/v1/status"), gate.AdminToken)).Status);
        Assert.Equal(200, (await OperatedGate.HttpAsync(new Uri(gate.AdminRoot, "/api/v1/status"), gate.AdminToken)).Status);
    }

    [Fact]
    public async Task Listen_Https_ServesWithTheCertificateOrSaysWhyNot()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        folder.Write("cert.pem", certificate.ExportCertificatePem());
        folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        var config = folder.Write("callgate.yaml", "listen: { tls: { certificate: cert.pem, key: key.pem } }\n");
        string[] serve = ["--config", config, "--listen", "https://127.0.0.1:0"];
        await using (var gate = await GateProcess.ServeAsync(folder.File("data"), serve))
        {
            using var handler = new SocketsHttpHandler { UseProxy = false };
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString();
            using var http = new HttpClient(handler);
            Assert.Equal("alive\n", await http.GetStringAsync(new Uri(gate.Root, "/healthz")));
        }

        folder.Write("key.pem", "no key at all");
        var (code, _, errors) = await GateProcess.RunAsync(["serve", "--data", folder.File("other"), .. serve]);
        Assert.Equal(2, code);
        Assert.Contains("key.pem", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_AfterAKill_DoNotTakeTheFolderForARunningGate()
    {
        using var folder = new TemporaryFolder();
        await using (var gate = await GateProcess.ServeAsync(folder.File("data"), []))
        {
            await gate.KillAsync();
        }

        Assert.Equal(0, (await CommandRun.OfAsync("audit", "verify", "--data", folder.File("data"))).Code);
        var list = await CommandRun.OfAsync("grant", "list", "--data", folder.File("data"));
        Assert.Equal(1, list.Code);
        Assert.Contains("no gate runs on", list.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataFolder_InUse_IsRefusedInWords()
    {
        using var folder = new TemporaryFolder();
        await using var gate = await GateProcess.ServeAsync(folder.File("data"), []);

        var (code, output, errors) = await GateProcess.RunAsync("serve", "--data", folder.File("data"), "--listen", "http://127.0.0.1:0");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("in use by another gateway", errors, StringComparison.Ordinal);
        Assert.Contains(folder.File("data"), errors, StringComparison.Ordinal);
        Assert.Equal(200, (await OperatedGate.HttpAsync(new Uri(gate.Root, "/readyz"))).Status);
    }

    [Fact]
    public async Task Listen_PortInUse_IsRefusedInWords()
    {
        using var folder = new TemporaryFolder();
        await using var gate = await GateProcess.ServeAsync(folder.File("data"), []);
        var address = gate.Root.GetLeftPart(UriPartial.Authority);

        var (code, output, errors) = await GateProcess.RunAsync("serve", "--data", folder.File("other"), "--listen", address);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(address, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminToken_Damaged_EndsTheStartInWords()
    {
        using var folder = new TemporaryFolder();
        await using (var gate = await GateProcess.ServeAsync(folder.File("data"), []))
        {
            await gate.TerminateAsync();
        }

        await File.WriteAllTextAsync(Path.Combine(folder.File("data"), "admin.token"), "\n");
        var (code, _, errors) = await GateProcess.RunAsync("serve", "--data", folder.File("data"), "--listen", "http://127.0.0.1:0");

        Assert.Equal(1, code);
        Assert.Contains("admin.token", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task DataFolder_AllThatIsInIt_IsTheOwnersAlone()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        await using var client = operated.Modern(token);
        await client.CallAsync("echo");
        await operated.RecordsAsync();
        await operated.CommandAsync("backup");

        var data = new DirectoryInfo(operated.Data);
        Assert.Equal(OwnerFolder, data.UnixFileMode);
        var entries = data.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).ToList();
        Assert.All(["admin.token", "callgate.db", "operator.key", "digest.key", "audit-index.db", "gate.address"], name => Assert.Contains(entries, entry => entry.Name == name));
        Assert.All(entries, static entry => Assert.True(entry.UnixFileMode == (entry is DirectoryInfo ? OwnerFolder : OwnerFile), $"{entry.FullName} has {entry.UnixFileMode}"));
        Assert.Equal(operated.Gate.AdminToken, (await File.ReadAllTextAsync(Path.Combine(operated.Data, "admin.token"))).Trim());
    }

    [Fact]
    public async Task StrictRuntime_OnThisRuntime_StartsOnlyWhereItIsNewEnough()
    {
        using var folder = new TemporaryFolder();
        var old = RuntimeFloor.Fault(Environment.Version);
        await using var gate = await GateProcess.ServeAsync(folder.File("data"), []);
        var ready = await OperatedGate.HttpAsync(new Uri(gate.Root, "/readyz"));
        Assert.Equal(200, ready.Status);
        Assert.Contains(old is null ? "ok   runtime" : "warn runtime", ready.Text, StringComparison.Ordinal);

        var (code, _, errors) = await GateProcess.RunAsync("serve", "--strict-runtime", "--data", folder.File("data"), "--listen", "http://127.0.0.1:0");

        // The folder is held by the first gate, so that a strict start fails here on either runtime, each for its own reason.
        Assert.Equal((old is null ? 1 : 2, true), (code, errors.Contains(old ?? "in use", StringComparison.Ordinal)));
    }
}
