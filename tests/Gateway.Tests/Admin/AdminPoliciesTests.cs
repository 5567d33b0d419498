using System.Net;
using System.Text.Json;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

public sealed class AdminPoliciesTests
{
    private const string Open = """{ "version": "1", "default": "allow", "description": "everything" }""";

    [Fact]
    public async Task Put_SoundDocument_IsTheNextRevisionInForce()
    {
        await using var host = await AdminHost.StartAsync();

        var first = await host.OkAsync(HttpMethod.Put, "policies/open?note=first", Open);
        var same = await host.OkAsync(HttpMethod.Put, "policies/open", Open);
        var second = await host.OkAsync(HttpMethod.Put, "policies/open", Open.Replace("allow", "deny", StringComparison.Ordinal));

        Assert.Equal([1, 1, 2], new[] { first, same, second }.Select(static saved => saved.GetProperty("revision").GetInt64()));
        Assert.Equal(2, host.Parts.Snapshots.Current.Policies["open"].Revision);
        var shown = await host.OkAsync(HttpMethod.Get, "policies/open");
        Assert.Equal("deny", shown.GetProperty("document").GetProperty("default").GetString());
        Assert.Equal("everything", shown.GetProperty("description").GetString());
        var revisions = (await host.OkAsync(HttpMethod.Get, "policies/open/revisions")).GetProperty("revisions");
        Assert.Equal(2, revisions.GetArrayLength());
        Assert.Equal("first", revisions[0].GetProperty("note").GetString());
        Assert.Equal("administrator", revisions[0].GetProperty("author").GetString());
        Assert.Contains("\"operator/policy-put\"", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_WrongDocument_IsNotSavedAndSaysWhere()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "policies/open", Open);

        var (status, body) = await host.SendAsync(HttpMethod.Put, "policies/open", "{\n  \"version\": \"1\",\n  \"default\": \"maybe\"\n}");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("policy.invalid", body.GetProperty("error").GetProperty("code").GetString());
        var detail = body.GetProperty("error").GetProperty("details")[0];
        Assert.Equal(("/default", 3), (detail.GetProperty("pointer").GetString(), detail.GetProperty("line").GetInt32()));
        Assert.Equal(1, host.Parts.Snapshots.Current.Policies["open"].Revision);
    }

    [Fact]
    public async Task Check_AnyDocument_SavesNothing()
    {
        await using var host = await AdminHost.StartAsync();

        var sound = await host.OkAsync(HttpMethod.Post, "policies/check", Open);
        var wrong = await host.OkAsync(HttpMethod.Post, "policies/check", """{ "version": "1" }""");

        Assert.True(sound.GetProperty("valid").GetBoolean());
        Assert.False(wrong.GetProperty("valid").GetBoolean());
        Assert.Equal(JsonValueKind.Array, wrong.GetProperty("warnings").ValueKind);
        Assert.NotEqual(0, wrong.GetProperty("diagnostics").GetArrayLength());
        Assert.Equal(["careful"], host.Parts.Snapshots.Current.Policies.Keys);
    }

    [Fact]
    public async Task Put_NameThatIsNone_IsRefused()
    {
        await using var host = await AdminHost.StartAsync();

        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Put, "policies/a%20b", Open, HttpStatusCode.BadRequest));
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Get, "policies/absent/revisions", null, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Put_BytesThatTheFileOnceDeclared_AreInForce()
    {
        await using var host = await AdminHost.StartAsync();
        await host.Parts.Store.SavePolicyAsync("once", System.Text.Encoding.UTF8.GetBytes(Open), "callgate.yaml", null);
        await host.Parts.Configurator.ReloadAsync(CancellationToken.None);
        Assert.False(host.Parts.Snapshots.Current.Policies.ContainsKey("once"));

        var saved = await host.OkAsync(HttpMethod.Put, "policies/once", Open);

        Assert.Equal(2, saved.GetProperty("revision").GetInt64());
        Assert.Equal(2, host.Parts.Snapshots.Current.Policies["once"].Revision);
        Assert.Equal(saved.GetProperty("digest").GetString(), host.Parts.Snapshots.Current.Policies["once"].Digest);
    }
}
