using Xunit;

namespace Callgate.Catalogue.Tests;

public sealed class RiskSignalTests
{
    [Theory]
    [InlineData("path", RiskSignalKind.FilePath)]
    [InlineData("notebook_path", RiskSignalKind.FilePath)]
    [InlineData("outputDir", RiskSignalKind.FilePath)]
    [InlineData("cwd", RiskSignalKind.FilePath)]
    [InlineData("query", RiskSignalKind.CodeOrQuery)]
    [InlineData("python_code", RiskSignalKind.CodeOrQuery)]
    [InlineData("command", RiskSignalKind.CodeOrQuery)]
    [InlineData("html", RiskSignalKind.RawHtml)]
    [InlineData("bodyHtml", RiskSignalKind.RawHtml)]
    [InlineData("webhook_url", RiskSignalKind.Url)]
    [InlineData("password", RiskSignalKind.Secret)]
    [InlineData("apiKey", RiskSignalKind.Secret)]
    [InlineData("access_token", RiskSignalKind.Secret)]
    [InlineData("run_id", RiskSignalKind.LooseIdentifier)]
    [InlineData("projectRef", RiskSignalKind.LooseIdentifier)]
    public void Signals_AnArgument_ShowsWhatItTakes(string argument, RiskSignalKind kind)
    {
        var found = Tools.Of("do_it", "", $$"""{"type":"object","properties":{"{{argument}}":{"type":"string"} } }""");

        var signal = Assert.Single(found.Signals);
        Assert.Equal(kind, signal.Kind);
        Assert.Equal(argument, signal.Evidence.Text);
        Assert.Equal($"inputSchema/properties/{argument}", signal.Evidence.Place);
    }

    [Theory]
    [InlineData("status_code", """{"type":"string"}""")]
    [InlineData("page_token", """{"type":"string"}""")]
    [InlineData("next_page_token", """{"type":"string"}""")]
    [InlineData("run_id", """{"type":"integer"}""")]
    [InlineData("run_id", """{"type":"string","pattern":"^run_[a-z0-9]+$"}""")]
    [InlineData("run_id", """{"type":"string","format":"uuid"}""")]
    [InlineData("order_id", """{"enum":["a","b"]}""")]
    [InlineData("token_count", """{"type":"integer"}""")]
    [InlineData("idea", """{"type":"string"}""")]
    public void Signals_AnHonestArgument_ShowsNothing(string argument, string schema) =>
        Assert.Empty(Tools.Of("do_it", "", $$"""{"type":"object","properties":{"{{argument}}":{{schema}} } }""").Signals);

    [Theory]
    [InlineData("cancel_run", "", RiskSignalKind.AbortsRunningWork)]
    [InlineData("terminate", "Terminate a PTY session.", RiskSignalKind.AbortsRunningWork)]
    [InlineData("kill_process", "", RiskSignalKind.AbortsRunningWork)]
    [InlineData("bulk_update", "", RiskSignalKind.Bulk)]
    [InlineData("send_email", "", RiskSignalKind.SendsOut)]
    [InlineData("note", "Posts a note to a channel.", RiskSignalKind.SendsOut)]
    public void Signals_AVerb_ShowsWhatItDoes(string name, string description, RiskSignalKind kind) =>
        Assert.Contains(Tools.Of(name, description).Signals, signal => signal.Kind == kind);

    [Theory]
    [InlineData("cancel_order", RiskSignalKind.AbortsRunningWork)]
    [InlineData("get_sent_mail_count", RiskSignalKind.SendsOut)]
    [InlineData("health_check", RiskSignalKind.ReadsPrivateData)]
    [InlineData("delete_message", RiskSignalKind.ReadsUntrustedContent)]
    public void Signals_WhatOnlyLooksLikeIt_IsLeftOut(string name, RiskSignalKind kind) =>
        Assert.DoesNotContain(Tools.Of(name, "").Signals, signal => signal.Kind == kind);

    [Fact]
    public void Signals_WhatIsRead_IsUntrustedOrPrivateByWhatItIs()
    {
        Assert.Equal([RiskSignalKind.ReadsUntrustedContent, RiskSignalKind.ReadsPrivateData], Tools.Of("read_inbox", "Reads mail of the inbox.").Signals.Select(static signal => signal.Kind));
        Assert.Equal([RiskSignalKind.ReadsPrivateData], Tools.Of("get_secret", "").Signals.Select(static signal => signal.Kind));
        Assert.Equal([RiskSignalKind.ReadsUntrustedContent], Tools.Of("get_price", "", annotations: """{"openWorldHint":true}""").Signals.Select(static signal => signal.Kind));
    }

    [Fact]
    public void Signals_ElevenArguments_AreMany()
    {
        static string Schema(int count) => "{\"properties\":{" + string.Join(',', Enumerable.Range(0, count).Select(static i => $"\"a{i}\":{{\"type\":\"boolean\"}}")) + "}}";

        Assert.Empty(Tools.Of("do_it", "", Schema(10)).Signals);
        Assert.Equal("11", Assert.Single(Tools.Of("do_it", "", Schema(11)).Signals, static signal => signal.Kind == RiskSignalKind.ManyParameters).Evidence.Text);
    }

    [Fact]
    public void Signals_ByReferenceAndBranch_AreFound()
    {
        const string Schema = """{"type":"object","properties":{"target":{"anyOf":[{"$ref":"#/$defs/place"},{"type":"null"}]}},"$defs":{"place":{"type":"object","properties":{"file_path":{"type":"string"}}}}}""";

        var signal = Assert.Single(Tools.Of("do_it", "", Schema).Signals);

        Assert.Equal("inputSchema/properties/target/properties/file_path", signal.Evidence.Place);
    }

    [Fact]
    public void Id_OfEachKind_IsItsNameWithDashes() =>
        Assert.Equal(
            ["file-path", "code-or-query", "raw-html", "url", "secret", "many-parameters", "bulk", "aborts-running-work", "loose-identifier", "sends-out", "reads-untrusted-content", "reads-private-data"],
            Enum.GetValues<RiskSignalKind>().Select(static kind => new RiskSignal(kind, new ClassificationEvidence("", "", "")).Id));

    [Fact]
    public void ArgumentsOf_ATool_AreAllThatShowASignal()
    {
        var tool = System.Text.Json.JsonElement.Parse("""
            { "name": "copy", "inputSchema": { "type": "object", "properties": {
              "source_path": { "type": "string" }, "target_path": { "type": "string" }, "edits": { "type": "array", "items": { "type": "object", "properties": { "file": { "type": "string" }, "note": { "type": "string" } } } },
              "url": { "type": "string" }, "count": { "type": "integer" } } } }
            """);

        Assert.Equal(
            [new("source_path", RiskSignalKind.FilePath), new("target_path", RiskSignalKind.FilePath), new("edits", RiskSignalKind.FilePath), new("url", RiskSignalKind.Url)],
            ToolClassifier.ArgumentsOf(tool));
        Assert.Empty(ToolClassifier.ArgumentsOf(System.Text.Json.JsonElement.Parse("7")));
    }
}
