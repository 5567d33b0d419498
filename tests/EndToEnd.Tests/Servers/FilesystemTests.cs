using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Peers;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Callgate.EndToEnd.Tests.Servers;

/// <summary>`@modelcontextprotocol/server-filesystem` behind the gate: what it may do shows in the files themselves.</summary>
public sealed class FilesystemTests
{
    private const string Text = "Zeile 1\nline two, with é and \u2028 in it\n";

    private const string Policy = """
        { "version": "1", "default": "deny", "hide": ["move_file"],
          "tools": { "read_*": {}, "list_*": {}, "get_file_info": {}, "search_files": {}, "directory_tree": {},
                     "write_file": { "action": "deny", "reason": "this folder is read-only for agents." },
                     "edit_file": { "action": "deny", "reason": "this folder is read-only for agents." },
                     "create_directory": { "rate_limit": { "max": 2, "window": "month" } } } }
        """;

    [Fact]
    public async Task Filesystem_BehindTheGate_ReadsAndNeverWrites()
    {
        // Apart from the folder of the configuration, which is read-only for children.
        using var files = new TemporaryFolder();
        var file = files.Write("note.txt", Text);
        await using var server = RealServer.Stdio(NodePeer.File("@modelcontextprotocol/server-filesystem/dist/index.js"), [files.Root]);
        await using var gate = await PeerGate.StartAsync(server.Definition, Policy);
        await using var direct = await server.DirectAsync();
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token);
        var both = new SideBySide(direct, gated);

        await both.ListsAgreeAsync(14, "move_file");
        var read = await both.CallsAgreeAsync("read_text_file", Path(file));
        await both.CallsAgreeAsync("read_multiple_files", new() { ["paths"] = new JsonArray(file, files.File("absent.txt")) });
        await both.CallsAgreeAsync("list_directory", Path(files.Root));
        await both.CallsAgreeAsync("read_text_file", Path("/etc/hostname"));
        await both.RefusedAsync("write_file", Write(file), ("policy.denied", "/tools/write_file/action", "this folder is read-only"));
        await both.RefusedAsync("edit_file", Edit(file), ("policy.denied", "/tools/edit_file/action", "this folder is read-only"));
        await both.UnknownAsync("move_file", Move(file, files.File("moved.txt")));

        Assert.Equal(Text, read["content"]![0]!["text"]!.GetValue<string>());
        Assert.Equal(["note.txt"], Names(files));
        Assert.Equal(Text, await File.ReadAllTextAsync(file));

        await LimitCutsAsync(files, gated, both);
        await gate.RecordedAsync(
            "read_text_file allow answered", "read_multiple_files allow answered", "list_directory allow answered", "read_text_file allow answered",
            "write_file policy.denied", "edit_file policy.denied", "move_file tool.hidden",
            "create_directory allow answered", "create_directory allow answered", "create_directory limit.exceeded");

        await WithoutTheGateItWritesAsync(files, direct);
    }

    /// <summary>The server takes its folders from the client's roots, which it asks for after the handshake.</summary>
    [Fact]
    public async Task Filesystem_FoldersOfTheClientsRoots_AreAskedThroughTheGate()
    {
        using var files = new TemporaryFolder();
        var file = files.Write("note.txt", Text);
        await using var server = RealServer.Stdio(NodePeer.File("@modelcontextprotocol/server-filesystem/dist/index.js"), []);
        await using var gate = await PeerGate.StartAsync(server.Definition, """{ "version": "1", "default": "allow", "methods": { "allow": ["roots/list"] } }""");
        var answers = new McpClientHandlers
        {
            RootsHandler = (_, _) => ValueTask.FromResult(new ListRootsResult { Roots = [new Root { Uri = new Uri(files.Root).AbsoluteUri }] }),
        };
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token, answers);

        await AllowedAsync(gated, files.Root);
        var read = await gated.CallAsync("read_text_file", Path(file));

        Assert.Equal(Text, read["content"]![0]!["text"]!.GetValue<string>());
        await gate.VerifiedAsync();
    }

    /// <summary>Asks until the server has heard the client's roots, which it does beside the calls it answers.</summary>
    private static async Task AllowedAsync(SdkSession gated, string folder)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        string said;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            said = (await gated.CallAsync("list_allowed_directories")).ToJsonString();
        }
        while (!said.Contains(folder, StringComparison.Ordinal));
    }

    private static async Task LimitCutsAsync(TemporaryFolder files, SdkSession gated, SideBySide both)
    {
        await gated.CallAsync("create_directory", Path(files.File("one")));
        await gated.CallAsync("create_directory", Path(files.File("two")));
        await both.RefusedAsync("create_directory", Path(files.File("three")), ("limit.exceeded", "/tools/create_directory/rate_limit", "`create_directory` has reached its limit of 2 a month"));

        Assert.Equal(["note.txt", "one", "two"], Names(files));
    }

    /// <summary>The same calls would have done what the policy refuses.</summary>
    private static async Task WithoutTheGateItWritesAsync(TemporaryFolder files, SdkSession direct)
    {
        await direct.CallAsync("write_file", Write(files.File("note.txt")));
        await direct.CallAsync("move_file", Move(files.File("note.txt"), files.File("moved.txt")));

        Assert.Equal(["moved.txt", "one", "two"], Names(files));
        Assert.Equal("overwritten", await File.ReadAllTextAsync(files.File("moved.txt")));
    }

    private static JsonObject Path(string path) => new() { ["path"] = path };

    private static JsonObject Write(string path) => new() { ["path"] = path, ["content"] = "overwritten" };

    private static JsonObject Edit(string path) => new() { ["path"] = path, ["edits"] = new JsonArray(new JsonObject { ["oldText"] = "line two", ["newText"] = "edited" }) };

    private static JsonObject Move(string from, string to) => new() { ["source"] = from, ["destination"] = to };

    private static IEnumerable<string> Names(TemporaryFolder files) =>
        Directory.EnumerateFileSystemEntries(files.Root).Select(static path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal);
}
