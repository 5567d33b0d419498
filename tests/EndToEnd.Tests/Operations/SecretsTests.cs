using System.Text;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, F16: a canary in every credential and value, and none of them anywhere but where it belongs.</summary>
public sealed class SecretsTests
{
    private const string Header = "canary-header-6f1d2a9c07e84b53";
    private const string DeclaredHeader = "canary-declared-header-3b7e5c1a";
    private const string Variable = "canary-variable-a0c4e9d2b7f15836";
    private const string Query = "canary-query-5d8e2f71c3a94b60";
    private const string DeclaredToken = "canary-declared-token-94c1e07ab3d25f68";
    private const string Argument = "canary-argument-c27f08d1e5b3496a";
    private const string Malformed = "canary-malformed-71b9d4e0f2c8563a";
    private const string WrongToken = "canary-wrong-token-e8d03c5f9a1b7264";

    [Fact]
    public async Task Canaries_AfterEverythingWasDone_AreNowhere()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await StartAsync(folder, upstream);
        var data = folder.File("data");
        await OkAsync(data, "server", "add", "held", $"{upstream.Url}?key={Query}", "--header", $"X-Key: {Header}");
        await OkAsync(data, "server", "add", "child", "--env", $"API_KEY={Variable}", "--", GateProcess.DotnetPath, GateProcess.Built("callgate-fixture.dll"), "stdio");
        var created = (await OkAsync(data, "grant", "create", "--server", "held=p", "--server", "child=p", "--label", "made")).Split('"')[11];
        Assert.StartsWith("cg_", created, StringComparison.Ordinal);

        await UseAsync(gate, created);
        var header = upstream.Recording.Requests.Any(static request => request.Header("X-Key") == Header);
        var declared = upstream.Recording.Requests.Any(static request => request.Header("Authorization") == $"Bearer {DeclaredHeader}");
        Assert.True(header && declared, "the credentials of the upstreams did not go up");
        var answers = await AnswersAsync(gate);
        await OkAsync(data, "audit", "reindex");
        string[] canaries = [Header, DeclaredHeader, Variable, Query, DeclaredToken, created, Argument, Malformed, WrongToken, gate.AdminToken];

        foreach (var canary in canaries)
        {
            Assert.All(answers, answer => Assert.False(IsIn(answer.Text, canary), $"{canary[..16]} is in {answer.Path}"));
            Assert.False(IsIn(gate.Errors, canary), $"{canary[..16]} is in the log");
            Assert.False(IsIn(string.Concat(gate.Output), canary), $"{canary[..16]} is on stdout");
            Assert.DoesNotContain(upstream.Recording.Requests, request => request.Text.Contains(canary, StringComparison.Ordinal) && canary != Argument);
        }

        AssertNotOnDisk(data, canaries, "callgate.lock", "homes");
        await gate.TerminateAsync();
        AssertNotOnDisk(data, canaries);
    }

    /// <summary>The gate ends in the middle of calls where core dumps are on: no dump, and nothing of theirs in what it said last.</summary>
    [Fact]
    public async Task Canaries_AfterACrash_AreNowhere()
    {
        using var folder = new TemporaryFolder();
        var (arrived, left) = (new TaskCompletionSource(), 3);
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions
        {
            OnCall = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    arrived.SetResult();
                }

                return default;
            },
        });
        var place = Directory.CreateDirectory(folder.File("place")).FullName;
        await using var gate = await StartAsync(folder, upstream, ["/bin/sh", "-c", "ulimit -c unlimited && cd \"$0\" && exec \"$@\"", place]);
        await using var client = new McpClient(gate.Mcp("declared"), DeclaredToken, OperatedGate.ModernVersion);
        var calls = Enumerable.Range(0, 3).Select(_ => client.CallAsync("slow", new() { ["milliseconds"] = 60_000, ["text"] = Argument })).ToList();
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        const int Crashed = 128 + 31;
        Assert.Equal(Crashed, await gate.CrashAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(calls));

        string[] canaries = [DeclaredHeader, DeclaredToken, Query, Argument, gate.AdminToken];
        Assert.All(canaries, canary => Assert.False(IsIn(gate.Errors + string.Concat(gate.Output), canary), $"{canary[..16]} was said at the end"));
        Assert.Empty(Directory.GetFileSystemEntries(place));
        AssertNotOnDisk(folder.File("data"), canaries);
    }

    private static Task<GateProcess> StartAsync(TemporaryFolder folder, FixtureServer upstream, IReadOnlyList<string>? inside = null)
    {
        folder.Write("p.json", """{ "version": "1", "default": "allow", "tools": { "add": { "action": "deny" } } }""");
        var config = folder.Write("callgate.yaml", $$"""
            servers:
              declared: { url: "{{upstream.Url}}", headers: { Authorization: "Bearer ${CALLGATE_TEST_HEADER}" } }
              nowhere: { url: "http://127.0.0.1:9/mcp?key={{Query}}", headers: { Authorization: "Bearer ${CALLGATE_TEST_HEADER}" } }
            policies: { p: p.json }
            grants: { agent: { token: "${CALLGATE_TEST_TOKEN}", servers: { declared: p, nowhere: p } } }
            """);
        return GateProcess.ServeAsync(folder.File("data"), ["--config", config], new Dictionary<string, string> { ["CALLGATE_TEST_HEADER"] = DeclaredHeader, ["CALLGATE_TEST_TOKEN"] = DeclaredToken }, inside);
    }

    /// <summary>Every kind of call: allowed, refused, failed, malformed, without a grant; over both eras and both transports.</summary>
    private static async Task UseAsync(GateProcess gate, string created)
    {
        foreach (var (server, token) in new[] { ("held", created), ("child", created), ("declared", DeclaredToken) })
        {
            await using var client = new McpClient(gate.Mcp(server), token);
            await client.InitializeAsync();
            await client.ListToolsAsync();
            Assert.Equal(Argument, (await client.CallAsync("echo", new() { ["text"] = Argument })).FirstText);
            Assert.True((await client.CallAsync("add", new() { ["a"] = Argument })).IsToolError);
            await client.CallAsync("rpc_error", new() { ["detail"] = Argument });
        }

        await using var modern = new McpClient(gate.Mcp("held"), created, OperatedGate.ModernVersion);
        Assert.Equal(Argument, (await modern.CallAsync("echo", new() { ["text"] = Argument })).FirstText);
        Assert.Equal(400, (await modern.SendAsync(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"a\":\"{Malformed}\",\"a\":1}}}}"))).Status);
        Assert.Equal(400, (await modern.SendAsync(Encoding.UTF8.GetBytes($"{Malformed}"))).Status);
        await using var wrong = new McpClient(gate.Mcp("held"), WrongToken, OperatedGate.ModernVersion);
        Assert.Equal(401, (await wrong.CallAsync("echo")).Status);
        Assert.Equal(401, (await OperatedGate.HttpAsync(new Uri(gate.Root, "/api/v1/status"), WrongToken)).Status);
        await using var lost = new McpClient(gate.Mcp("nowhere"), DeclaredToken, OperatedGate.ModernVersion);
        Assert.True((await lost.CallAsync("echo", new() { ["text"] = Argument })).Text.Length > 0);
    }

    /// <summary>Whatever administration and operations answer, and what commands print.</summary>
    private static async Task<List<(string Path, string Text)>> AnswersAsync(GateProcess gate)
    {
        var answers = new List<(string, string)>();
        foreach (var path in new[] { "status", "servers", "servers/held", "servers/child", "servers/declared", "servers/held/tools", "servers/nowhere/tools", "policies", "grants", "grants/agent", "stops", "audit?limit=1000", "audit/key", "audit/export?format=jsonl", "audit/export?format=csv", "audit/export?format=ocsf", "openapi.json" })
        {
            var answer = await OperatedGate.HttpAsync(new Uri(gate.Root, "/api/v1/" + path), gate.AdminToken);
            Assert.True(answer.Status == 200, $"{path} is answered {answer.Status}: {answer.Text}");
            answers.Add((path, answer.Text));
        }

        foreach (var path in new[] { "/metrics", "/readyz", "/healthz" })
        {
            answers.Add((path, (await OperatedGate.HttpAsync(new Uri(gate.Root, path))).Text));
        }

        answers.Add(("servers/nowhere/test", (await OperatedGate.HttpAsync(new Uri(gate.Root, "/api/v1/servers/nowhere/test"), gate.AdminToken, "POST")).Text));
        return answers;
    }

    /// <summary>
    /// Raw bytes of every file; the administrator's token has one of its own. While the gate runs, its lock cannot be read
    /// and the homes of its children hold pipes that nobody writes to.
    /// </summary>
    private static void AssertNotOnDisk(string data, string[] canaries, params string[] busy)
    {
        var files = Directory.GetFileSystemEntries(data).Where(entry => !busy.Contains(Path.GetFileName(entry), StringComparer.Ordinal))
            .SelectMany(static entry => Directory.Exists(entry) ? Directory.GetFiles(entry, "*", SearchOption.AllDirectories) : [entry])
            .ToList();
        Assert.Contains(files, static file => file.EndsWith(".jsonl", StringComparison.Ordinal));
        foreach (var file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            foreach (var canary in canaries)
            {
                var own = Path.GetFileName(file) == "admin.token" && canary.StartsWith("cga_", StringComparison.Ordinal);
                foreach (var spelling in Spellings(canary))
                {
                    Assert.True(own || bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(Encoding.UTF8.GetBytes(spelling)) < 0, $"{canary[..16]} is in {file} as {spelling}");
                }
            }
        }
    }

    private static bool IsIn(string text, string canary) => Spellings(canary).Any(spelling => text.Contains(spelling, StringComparison.Ordinal));

    /// <summary>As it is, in hexadecimal digits, in Base64 wherever it begins in it, in a query, in JSON.</summary>
    private static List<string> Spellings(string canary)
    {
        var bytes = Encoding.UTF8.GetBytes(canary);
        List<string> spellings = [canary, Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), canary.Replace("-", "%2D", StringComparison.Ordinal), canary.Replace("-", "\\u002D", StringComparison.Ordinal)];
        for (var before = 0; before < 3; before++)
        {
            // What stands before and after it colours the outermost characters.
            var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var inner = text[(((before * 8) + 5) / 6)..^4];
            spellings.Add(inner);
            spellings.Add(inner.Replace('+', '-').Replace('/', '_'));
        }

        return spellings;
    }

    private static async Task<string> OkAsync(string data, params string[] arguments)
    {
        var dashes = Array.IndexOf(arguments, "--");
        string[] all = dashes < 0 ? [.. arguments, "--data", data, "--json"] : [.. arguments[..dashes], "--data", data, "--json", .. arguments[dashes..]];
        var run = await CommandRun.OfAsync(all);
        Assert.True(run.Code == 0, run.Out + run.Error);
        return run.Out;
    }
}
