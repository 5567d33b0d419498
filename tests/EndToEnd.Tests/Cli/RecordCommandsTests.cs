using Callgate.Gateway.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>The record is checked and taken away where no gate runs.</summary>
public sealed class RecordCommandsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Data => folder.File("data");

    private string AnchorFile => folder.File("anchor");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Verify_WholeRecord_SaysSoWithTheKeyThatSigned()
    {
        await RecordAsync(calls: 5);
        var key = (await RunAsync(0, "audit", "key", "--data", Data)).Trim();

        Assert.StartsWith("callgate/", key, StringComparison.Ordinal);
        Assert.Contains($"signed heads that agree: 1, by {key}", await RunAsync(0, "audit", "verify", "--data", Data), StringComparison.Ordinal);
        Assert.Contains("\"ok\":true", await RunAsync(0, "audit", "verify", "--data", Data, "--key", key, "--heads", AnchorFile, "--sealed", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_FolderPutBackToAnOlderCopy_IsFoundByTheAnchor()
    {
        await RecordAsync(calls: 5);
        var older = Directory.GetFiles(Path.Combine(Data, "journal")).ToDictionary(static file => file, File.ReadAllBytes);
        await RecordAsync(calls: 3);
        foreach (var (file, bytes) in older)
        {
            await File.WriteAllBytesAsync(file, bytes);
        }

        await RunAsync(0, "audit", "verify", "--data", Data);
        Assert.Contains("the journal ends before entry ", await RunAsync(1, "audit", "verify", "--data", Data, "--heads", AnchorFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_KeyOfAnother_DoesNotCount()
    {
        await RecordAsync(calls: 2);
        using var other = JournalKey.Open(Directory.CreateDirectory(folder.File("other")).FullName);

        Assert.Contains("no head is signed by", await RunAsync(1, "audit", "verify", "--data", Data, "--key", other.Public.Text), StringComparison.Ordinal);
        Assert.Contains("--key takes a key", await RunAsync(2, "audit", "verify", "--data", Data, "--key", "none"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_Jsonl_IsVerifiedElsewhereAndAChangeIsNamed()
    {
        await RecordAsync(calls: 4);
        var key = Path.Combine(Data, JournalKey.PublicFileName);
        var export = folder.File("export.jsonl");
        await RunAsync(0, "audit", "export", "--data", Data, "-o", export);
        Assert.Contains("the record is whole", await RunAsync(0, "audit", "verify", export, "--key", key), StringComparison.Ordinal);
        Assert.Contains("is there already", await RunAsync(1, "audit", "export", "--data", Data, "-o", export), StringComparison.Ordinal);

        var lines = await File.ReadAllLinesAsync(export);
        var call = Array.FindIndex(lines, static line => line.Contains("\"kind\":\"call\"", StringComparison.Ordinal));
        var seq = lines[call][7..lines[call].IndexOf(',', StringComparison.Ordinal)];
        lines[call] = lines[call].Replace("\"decision\":\"allow\"", "\"decision\":\"deny\"", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(export, lines);
        Assert.Contains($"the record is broken at entry {seq} in export.jsonl", await RunAsync(1, "audit", "verify", export, "--key", key), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "audit", "export", "--format", "jsonl", "--tool", "x", "--data", "nowhere")]
    [InlineData(1, "audit", "export", "--format", "csv", "--data", "nowhere")]
    [InlineData(2, "audit", "verify", "--key", "k")]
    [InlineData(1, "audit", "verify", "nowhere.jsonl")]
    public async Task Command_ThatCannotBe_SaysWhatToDo(int code, params string[] arguments) =>
        Assert.StartsWith("callgate: ", await RunAsync(code, arguments), StringComparison.Ordinal);

    private static async Task<string> RunAsync(int code, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);
        Assert.True(run.Code == code, $"{string.Join(' ', arguments)}: {run.Code} {run.Out}{run.Error}");
        return run.Out + run.Error;
    }

    /// <summary>A life of a record without its gate.</summary>
    private async Task RecordAsync(int calls)
    {
        var journals = Path.Combine(Directory.CreateDirectory(Data).FullName, "journal");
        using var key = JournalKey.Open(Data);
        var heads = new JournalHeads(journals, key, TimeProvider.System, NullLogger.Instance);
        await using var anchors = new JournalAnchors([Anchor.ToFile(AnchorFile)], heads, journals, TimeProvider.System, NullLogger.Instance);
        await using (heads)
        {
            await using var journal = await Journal.OpenAsync(new JournalOptions(journals), TimeProvider.System, NullLogger.Instance);
            heads.Follow(journal);
            for (var i = 0; i < calls; i++)
            {
                var call = new CallRecord { Id = $"c{i}", Time = TimeProvider.System.GetUtcNow(), Method = "tools/call", Decision = "allow", Outcome = "answered", Tool = "t" };
                Assert.True((await journal.AppendAsync(call, Durability.Process, CancellationToken.None)).Written);
            }
        }
    }
}
