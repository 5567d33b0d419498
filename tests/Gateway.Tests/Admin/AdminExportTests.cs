using System.Net;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

/// <summary>What leaves the gate as a file: provable, or safe to open elsewhere.</summary>
public sealed class AdminExportTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 6, 7, 8, 9, 10, TimeSpan.Zero);

    [Fact]
    public async Task Jsonl_OfARunningGate_VerifiesWithTheKeyAndNamesWhatWasChanged()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "stops/all");
        await host.OkAsync(HttpMethod.Delete, "stops/all");
        var export = Path.Combine(host.Folder, "export.jsonl");
        await File.WriteAllTextAsync(export, await DownloadAsync(host, "format=jsonl"));
        using var key = NoteKey.TryParse((await host.OkAsync(HttpMethod.Get, "audit/key")).GetProperty("key").GetString()!)!;
        var request = new VerifyRequest(export) { Keys = [key], NeedsHead = true };

        var report = JournalVerifier.Verify(request);
        Assert.True(report.Ok, report.Reason);
        Assert.Equal((report.Head.Seq, report.Entries), (report.SignedSeq, report.Head.Seq));
        Assert.Equal(key.Text, AuditExport.KeyOf(export)?.Text);

        var lines = await File.ReadAllLinesAsync(export);
        var first = Array.FindIndex(lines, static line => line.StartsWith("{\"seq\":", StringComparison.Ordinal));
        for (var i = first; i < lines.Length; i++)
        {
            string[] changed = [.. lines];
            changed[i] = changed[i].Replace("\"time\":\"20", "\"time\":\"21", StringComparison.Ordinal);
            await File.WriteAllTextAsync(export, string.Join('\n', changed) + "\n");
            Assert.InRange(JournalVerifier.Verify(request).BrokenSeq ?? long.MaxValue, 1, i - first + 1);
            await File.WriteAllTextAsync(export, string.Join('\n', lines.Where((_, at) => at != i)) + "\n");

            // Without its begin an export begins at the second entry, and that one does not begin anything.
            var broken = JournalVerifier.Verify(request).BrokenSeq;
            Assert.Equal(i == lines.Length - 1 ? 1 : Math.Max(2, i - first + 1), broken);
        }

        await File.WriteAllTextAsync(export, string.Join('\n', lines.Where(static line => !line.StartsWith("{\"head\"", StringComparison.Ordinal))) + "\n");
        Assert.StartsWith("no head is signed by", JournalVerifier.Verify(request).Reason, StringComparison.Ordinal);
        await File.WriteAllTextAsync(export, string.Join('\n', lines[first..]) + "\n");
        Assert.StartsWith("the file is no export", JournalVerifier.Verify(request).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'.=1")]
    [InlineData("\r=1", "'.=1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\nb", "a.b")]
    [InlineData("＝1", "'＝1")]
    public async Task Csv_CellThatASpreadsheetWouldRun_IsText(string tool, string cell)
    {
        await using var host = await AdminHost.StartAsync();
        await RecordAsync(host, "one", tool);

        var lines = (await DownloadAsync(host, "format=csv&method=tools%2Fcall")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, lines.Length);
        Assert.Equal(lines[0].Split(',').Length - 1, lines[1].Replace("\"a,b\"", "ab", StringComparison.Ordinal).Count(static c => c == ','));
        Assert.Contains($",tools/call,{cell},deny,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_MoreThanAPage_IsWholeAndFiltered()
    {
        await using var host = await AdminHost.StartAsync();
        for (var i = 0; i < 1_050; i++)
        {
            await RecordAsync(host, $"r{i}", i < 1_020 ? "kept" : "other");
        }

        Assert.Equal(1 + 1_020, (await DownloadAsync(host, "format=csv&tool=kept")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Ocsf_OfACall_IsAnEventOfApiActivity()
    {
        await using var host = await AdminHost.StartAsync();
        await RecordAsync(host, "one", "cancel_run");

        var line = Assert.Single((await DownloadAsync(host, "format=ocsf&tool=cancel_run")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var found = JsonElement.Parse(line);

        Assert.Equal((6003, 6, 99, 600399), (Number(found, "class_uid"), Number(found, "category_uid"), Number(found, "activity_id"), Number(found, "type_uid")));
        Assert.Equal((2, 2, 2, 2), (Number(found, "status_id"), Number(found, "action_id"), Number(found, "disposition_id"), Number(found, "severity_id")));
        Assert.Equal(At.ToUnixTimeMilliseconds(), found.GetProperty("time").GetInt64());
        Assert.Equal(("tools/call", "one"), (found.GetProperty("api").GetProperty("operation").GetString(), found.GetProperty("api").GetProperty("request").GetProperty("uid").GetString()));
        Assert.Equal("cancel_run", found.GetProperty("resources")[0].GetProperty("name").GetString());
        foreach (var required in new[] { "actor", "src_endpoint", "metadata" })
        {
            Assert.Equal(JsonValueKind.Object, found.GetProperty(required).ValueKind);
        }

        Assert.Equal("policy.denied", found.GetProperty("status_code").GetString());
    }

    [Theory]
    [InlineData("format=xml")]
    [InlineData("")]
    [InlineData("format=jsonl&tool=x")]
    [InlineData("format=csv&limit=3")]
    public async Task Export_ThatIsNone_IsRefused(string query)
    {
        await using var host = await AdminHost.StartAsync();
        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Get, "audit/export?" + query, null, HttpStatusCode.BadRequest));
    }

    private static int Number(JsonElement found, string name) => found.GetProperty(name).GetInt32();

    private static async Task RecordAsync(AdminHost host, string id, string tool) => Assert.True((await host.Parts.Journal.AppendAsync(
        new CallRecord { Id = id, Time = At, Method = "tools/call", Decision = "deny", Outcome = "refused", Code = "policy.denied", Tool = tool, Grant = "laptop", Server = "declared" },
        Durability.Process, CancellationToken.None)).Written);

    private static async Task<string> DownloadAsync(AdminHost host, string query)
    {
        using var response = await host.Client.GetAsync(new Uri("api/v1/audit/export?" + query, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return text;
    }
}
