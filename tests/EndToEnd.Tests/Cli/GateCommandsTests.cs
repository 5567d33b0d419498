using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>The verbs against a gate that runs.</summary>
public sealed class GateCommandsTests : IDisposable
{
    private const string Policy = """{ "version": "1", "default": "deny", "tools": { "read": {} } }""";

    private readonly string folder = Directory.CreateTempSubdirectory("callgate-commands-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task PolicyAdd_DocumentInYaml_IsSavedAsJsonOrNotAtAll()
    {
        var (gate, _, _) = await ServedGate.StartAsync(Path.Combine(folder, "data"));
        await using var running = gate!;
        var (sound, wrong) = (Path.Combine(folder, "sound.yaml"), Path.Combine(folder, "wrong.yaml"));
        await File.WriteAllTextAsync(sound, "version: \"1\"\ndefault: deny # for now\n");
        await File.WriteAllTextAsync(wrong, "version: \"1\"\ndefault: denied\n");

        Assert.Equal(1, (await running.JsonAsync("policy", "add", "careful", sound)).GetProperty("revision").GetInt64());
        var refused = await running.RunAsync("policy", "add", "careful", wrong);

        Assert.Equal(1, refused.Code);
        Assert.Contains("2:10: `denied` is none of `allow`, `deny`", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_OneAfterTheOther_SetUpAGateAndLeaveARecord()
    {
        var (gate, _, _) = await ServedGate.StartAsync(Path.Combine(folder, "data"));
        await using var running = gate!;
        var document = Path.Combine(folder, "careful.json");
        await File.WriteAllTextAsync(document, Policy);

        await running.JsonAsync("server", "add", "files", "http://127.0.0.1:9/mcp", "--header", "Authorization: Bearer canary");
        Assert.Equal(1, (await running.JsonAsync("policy", "add", "careful", document)).GetProperty("revision").GetInt64());
        var grant = await running.JsonAsync("grant", "create", "--server", "files=careful", "--label", "my agent", "--identity", "alice@example.com", "--expires", "2999-01-01T00:00:00Z");
        var id = grant.GetProperty("id").GetString()!;
        var rotated = await running.JsonAsync("grant", "rotate", id);
        await running.JsonAsync("policy", "attach", "careful", "--grant", id, "--server", "files");
        var stopped = await running.JsonAsync("stop", "--server", "files");
        await running.JsonAsync("stop", "--server", "files", "--release");
        await running.JsonAsync("grant", "revoke", id);

        Assert.Equal(["id", "label", "token", "servers"], grant.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("""{"files":"careful"}""", grant.GetProperty("servers").GetRawText());
        Assert.NotEqual(grant.GetProperty("token").GetString(), rotated.GetProperty("token").GetString());
        Assert.Equal("""{"stops":["server:files"]}""", stopped.GetRawText());
        var list = await running.RunAsync("server", "list");
        Assert.StartsWith("NAME   TRANSPORT  TARGET", list.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", list.Out + (await running.RunAsync("server", "show", "files")).Out, StringComparison.Ordinal);
        Assert.Contains("revoked", (await running.RunAsync("grant", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await running.RunAsync("server", "test", "files")).Code);

        var search = await running.RunAsync("audit", "search", "--method", "operator/grant-create", "--json");
        var record = JsonElement.Parse(search.Out);
        Assert.Equal(("operator/grant-create", "allow", "answered"), (record.GetProperty("method").GetString(), record.GetProperty("decision").GetString(), record.GetProperty("outcome").GetString()));
        var tail = await running.RunAsync("audit", "tail", "-n", "2", "--method", "operator/stop");
        Assert.Contains("operator/stop", tail.Out, StringComparison.Ordinal);
        Assert.True((await running.JsonAsync("audit", "verify")).GetProperty("ok").GetBoolean());
        Assert.True((await running.JsonAsync("audit", "reindex")).GetProperty("indexed_seq").GetInt64() > 0);
        Assert.Equal(0, (await running.RunAsync("server", "remove", "files")).Code);
        Assert.Equal(1, (await running.RunAsync("server", "remove", "files")).Code);
    }

    [Fact]
    public async Task Backup_RestoredElsewhere_ServesTheSameSetUp()
    {
        var data = Path.Combine(folder, "data");
        var (gate, _, _) = await ServedGate.StartAsync(data);
        await gate!.JsonAsync("server", "add", "files", "http://127.0.0.1:9/mcp");
        var backup = Path.Combine(data, "backups", (await gate.JsonAsync("backup")).GetProperty("name").GetString()!);
        var restored = Path.Combine(folder, "restored");

        var live = await CommandRun.OfAsync("restore", backup, "--data", data);
        await gate.DisposeAsync();
        var run = await CommandRun.OfAsync("restore", backup, "--data", restored, "--json");
        var offline = await CommandRun.OfAsync("audit", "verify", "--offline", "--data", restored);
        var (again, _, _) = await ServedGate.StartAsync(restored);
        await using var running = again!;

        Assert.Equal((1, 0, 0), (live.Code, run.Code, offline.Code));
        Assert.Contains("in use", live.Error, StringComparison.Ordinal);
        Assert.Equal("files", (await running.JsonAsync("server", "list")).GetProperty("servers")[0].GetProperty("name").GetString());
        Assert.True((await running.JsonAsync("audit", "verify")).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task ServerTest_WordsOfAHostileServer_AreOneLineWithoutControlCharacters()
    {
        var (gate, _, _) = await ServedGate.StartAsync(Path.Combine(folder, "data"));
        await using var running = gate!;
        var script = Path.Combine(folder, "hostile.sh");
        await File.WriteAllTextAsync(script, @"printf 'one\nreached: all is well\n\342\200\256gnorts\n' >&2; exit 1");
        await running.JsonAsync("server", "add", "hostile", "sh", script);

        var test = await running.RunAsync("server", "test", "hostile");
        var tools = await running.RunAsync("server", "tools", "hostile");

        foreach (var line in new[] { test.Out.TrimEnd('\n'), tools.Out.TrimEnd('\n').Split('\n', 2)[^1] })
        {
            Assert.Contains("all is well", line, StringComparison.Ordinal);
            Assert.DoesNotContain(line, static c => char.IsControl(c) || c == '\u202e');
        }
    }

    [Fact]
    public async Task AuditVerify_NotedHead_FindsWhatWasCutSince()
    {
        var data = Path.Combine(folder, "data");
        var (gate, _, _) = await ServedGate.StartAsync(data);
        await gate!.JsonAsync("stop", "--all");
        await gate.DisposeAsync();
        var head = JsonElement.Parse((await CommandRun.OfAsync("audit", "verify", "--data", data, "--json")).Out).GetProperty("head").GetString()!;
        var segment = Directory.EnumerateFiles(Path.Combine(data, "journal"), "*.jsonl").Order(StringComparer.Ordinal).Last();
        var whole = await CommandRun.OfAsync("audit", "verify", "--data", data, "--head", head);
        await File.WriteAllLinesAsync(segment, (await File.ReadAllLinesAsync(segment))[..^1]);

        var cut = await CommandRun.OfAsync("audit", "verify", "--data", data, "--head", head);

        Assert.Equal((0, 1), (whole.Code, cut.Code));
        Assert.Contains($"head {head}", whole.Out, StringComparison.Ordinal);
        Assert.Contains("whose head is known", cut.Out, StringComparison.Ordinal);

        // The signed heads beside the segments tell as well, and whoever cuts those too needs to be told by one from elsewhere.
        Assert.Equal(1, (await CommandRun.OfAsync("audit", "verify", "--data", data)).Code);
        File.Delete(Path.Combine(data, "journal", "heads"));
        Assert.Equal(0, (await CommandRun.OfAsync("audit", "verify", "--data", data)).Code);
        Assert.Equal(2, (await CommandRun.OfAsync("audit", "verify", "--data", data, "--head", "7")).Code);
    }

    [Fact]
    public async Task AuditVerify_ChangedByte_Is1()
    {
        var data = Path.Combine(folder, "data");
        var (gate, _, _) = await ServedGate.StartAsync(data);
        await gate!.JsonAsync("stop", "--all");
        await gate.JsonAsync("stop", "--all", "--release");
        await gate.DisposeAsync();
        var segment = Directory.EnumerateFiles(Path.Combine(data, "journal"), "*.jsonl").Order(StringComparer.Ordinal).First();
        await File.WriteAllTextAsync(segment, (await File.ReadAllTextAsync(segment)).Replace("operator/stop", "operator/step", StringComparison.Ordinal));

        var run = await CommandRun.OfAsync("audit", "verify", "--data", data, "--json");

        Assert.Equal(1, run.Code);
        Assert.False(JsonElement.Parse(run.Out).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Serve_WrongFile_Is2WithEveryErrorOnStderr()
    {
        var file = Path.Combine(folder, "callgate.yaml");
        await File.WriteAllTextAsync(file, "serverz: {}\ngrants: { a: { token: short, servers: {} } }\n");

        var (gate, code, error) = await ServedGate.StartAsync(Path.Combine(folder, "data"), file);

        Assert.Null(gate);
        Assert.Equal(2, code);
        Assert.Contains($"{file}:1:1: ", error, StringComparison.Ordinal);
        Assert.Contains($"{file}:2:", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_OfAGrant_AdministersNothing()
    {
        var (gate, _, _) = await ServedGate.StartAsync(Path.Combine(folder, "data"));
        await using var running = gate!;
        await running.JsonAsync("server", "add", "files", "http://127.0.0.1:9/mcp");
        var grant = await running.JsonAsync("grant", "create", "--server", "files", "--label", "agent");

        var run = await running.RunAsync("stop", "--all", "--token", grant.GetProperty("token").GetString()!);

        Assert.Equal(1, run.Code);
        Assert.Contains("administrator's token", run.Error, StringComparison.Ordinal);
    }
}
