using Callgate.Fixtures;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>Everything a client asks for beside tools, and the methods that are not served.</summary>
public sealed class FeaturesTests(SharedRig shared) : IClassFixture<SharedRig>
{
    private readonly LegacyRig rig = shared.Rig;

    [Fact]
    public async Task Ping_OfTheClient_IsAnsweredByTheServer()
    {
        await using var client = await rig.OpenAsync(LegacyRig.Closed);
        rig.Fixture.Recording.Clear();

        var answer = await client.RequestAsync("ping");

        Assert.Equal("{}", answer.Result.GetRawText());
        Assert.Single(rig.Fixture.Recording.Requests, static request => request.RpcMethod == "ping");
    }

    [Fact]
    public async Task Logging_LevelAndMessages_PassOnTheStreamOfTheCall()
    {
        await using var client = await rig.OpenAsync();

        var level = await client.RequestAsync("logging/setLevel", new() { ["level"] = "warning" });
        var answer = await client.CallAsync("log");

        Assert.Equal("{}", level.Result.GetRawText());
        Assert.Equal(["warning"], answer.Before.Select(static message => message.Member("params").Text("level")));
        Assert.Equal("logged", answer.FirstText);
    }

    [Fact]
    public async Task Resources_Opened_PassInEveryForm()
    {
        await using var client = await rig.OpenAsync();

        var list = await client.RequestAsync("resources/list");
        var templates = await client.RequestAsync("resources/templates/list");
        var text = await client.RequestAsync("resources/read", new() { ["uri"] = "test://static-text" });
        var missing = await client.RequestAsync("resources/read", new() { ["uri"] = "test://nowhere" });

        Assert.Equal(Tokens.Of(rig.Fixture.Profile.Resources().ToJsonString()), Tokens.Of(list.Result.Member("resources")));
        Assert.Equal(Tokens.Of(rig.Fixture.Profile.Templates().ToJsonString()), Tokens.Of(templates.Result.Member("resourceTemplates")));
        Assert.Equal("the text of test://static-text", text.Result.Member("contents")[0].Text("text"));
        Assert.Equal(Tokens.Of("""{"fixture/kept":true}"""), Tokens.Of(text.Result.Member("_meta")));
        Assert.Equal(-32002, missing.Error.Number("code", 0));
        Assert.Equal("test://nowhere", missing.Error.Member("data").Text("uri"));
    }

    [Fact]
    public async Task Prompts_Opened_PassWithTheirArguments()
    {
        await using var client = await rig.OpenAsync();

        var list = await client.RequestAsync("prompts/list");
        var prompt = await client.RequestAsync("prompts/get", Lenient.Parse("""{"name":"with_arguments","arguments":{"subject":"gates"}}"""));
        var completion = await client.RequestAsync("completion/complete", Lenient.Parse("""{"ref":{"type":"ref/prompt","name":"with_arguments"},"argument":{"name":"subject","value":"par"},"context":{"arguments":{"tone":"dry"}}}"""));

        Assert.Equal(Tokens.Of(rig.Fixture.Profile.Prompts().ToJsonString()), Tokens.Of(list.Result.Member("prompts")));
        Assert.Equal("Write about gates.", prompt.Result.Member("messages")[0].Member("content").Text("text"));
        Assert.Equal(["paris", "park", "party"], completion.Result.Member("completion").Member("values").EnumerateArray().Select(static value => value.GetString()));
    }

    [Theory]
    [InlineData("resources/list")]
    [InlineData("resources/read")]
    [InlineData("resources/templates/list")]
    [InlineData("resources/subscribe")]
    [InlineData("resources/unsubscribe")]
    [InlineData("prompts/list")]
    [InlineData("prompts/get")]
    [InlineData("completion/complete")]
    public async Task Method_NotOpened_IsRefusedAndTheServerHearsNothing(string method)
    {
        await using var client = await rig.OpenAsync(LegacyRig.Closed);
        rig.Fixture.Recording.Clear();

        var answer = await client.RequestAsync(method, Lenient.Parse("""{"uri":"test://static-text","name":"plain"}"""));

        Assert.Equal(200, answer.Status);
        Assert.Equal(-33403, answer.Error.Number("code", 0));
        Assert.Equal("method.denied", answer.Error.Member("data").Text("code"));
        Assert.Contains(method, answer.Error.Text("message"), StringComparison.Ordinal);
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Theory]
    [InlineData("vendor/extra")]
    [InlineData("server/discover")]
    [InlineData("subscriptions/listen")]
    [InlineData("tasks/list")]
    [InlineData("Tools/Call")]
    [InlineData("sampling/createMessage")]
    public async Task Method_UnknownInThisEra_DoesNotExist(string method)
    {
        await using var client = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();

        var answer = await client.RequestAsync(method);

        Assert.Equal(200, answer.Status);
        Assert.Equal(-32601, answer.Error.Number("code", 0));
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Method_NamedByServerAndPolicy_Passes()
    {
        await using var both = await rig.OpenAsync(LegacyRig.Vendor);
        await using var half = await rig.OpenAsync(LegacyRig.HalfVendor);
        rig.Fixture.Recording.Clear();

        var passed = await both.RequestAsync("vendor/extra", Lenient.Parse("""{"n":1}"""));
        var refused = await half.RequestAsync("vendor/extra", Lenient.Parse("""{"n":1}"""));

        Assert.Equal("""{"n":1}""", passed.Result.Member("params").GetRawText());
        Assert.Equal(-33403, refused.Error.Number("code", 0));
        Assert.Single(rig.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Method_ServerNeverAnnounced_IsNotAskedFor()
    {
        await using var tools = await LegacyRig.StartAsync(new FixtureOptions { Profile = "dagster" });
        await using var client = await tools.OpenAsync();
        tools.Fixture.Recording.Clear();

        var answer = await client.RequestAsync("resources/list");

        Assert.Equal(-32601, answer.Error.Number("code", 0));
        Assert.Empty(tools.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Subscription_UpdatesAndListChanges_ComeOnTheListeningStream()
    {
        await using var client = await rig.OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await client.RequestAsync("resources/subscribe", new() { ["uri"] = "test://watched-resource" });

        await client.CallAsync("change_resources");
        var (_, updated) = await tap.MessageAsync();
        var (_, resources) = await tap.MessageAsync();
        var (_, prompts) = await tap.MessageAsync();
        await client.RequestAsync("resources/unsubscribe", new() { ["uri"] = "test://watched-resource" });
        await client.CallAsync("change_resources");
        var (_, next) = await tap.MessageAsync();

        Assert.Equal(Tokens.Of("""{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://watched-resource"}}"""), Tokens.Of(updated));
        Assert.Equal("notifications/resources/list_changed", resources.Text("method"));
        Assert.Equal("notifications/prompts/list_changed", prompts.Text("method"));
        Assert.Equal("notifications/resources/list_changed", next.Text("method"));
    }

    [Fact]
    public async Task ListChanges_NothingOpened_OnlyToolsAreTold()
    {
        await using var changing = await LegacyRig.StartAsync();
        await using var client = await changing.OpenAsync(LegacyRig.Closed);
        await using var tap = await EventTap.OpenAsync(client);

        await changing.Fixture.BroadcastAsync("notifications/resources/list_changed", [], "resourcesListChanged");
        await changing.Fixture.BroadcastAsync("notifications/prompts/list_changed", [], "promptsListChanged");
        await changing.Fixture.BroadcastAsync("notifications/vendor/changed", [], "none");
        await changing.Fixture.BroadcastAsync("notifications/tools/list_changed", [], "toolsListChanged");

        Assert.Equal("notifications/tools/list_changed", (await tap.MessageAsync()).Message.Text("method"));
    }

    [Theory]
    [InlineData("41")]
    [InlineData("\"one\\u002fé\"")]
    public async Task Progress_OnTheStreamOfTheCall_BearsTheClientsToken(string token)
    {
        await using var client = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();

        var answer = await client.SendAsync(System.Text.Encoding.UTF8.GetBytes(
            $$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow","arguments":{"steps":2,"ms":1},"_meta":{"progressToken":{{{{token}}}},"kept":1.0}}}"""));

        Assert.Equal("2 steps done", answer.FirstText);
        Assert.Equal(
            [.. Tokens.Of($$$$"""{"progressToken":{{{{token}}}},"progress":1,"total":2,"message":"step 1"}"""), .. Tokens.Of($$$$"""{"progressToken":{{{{token}}}},"progress":2,"total":2,"message":"step 2"}""")],
            answer.Before.SelectMany(static message => Tokens.Of(message.Member("params"))));
        var meta = Assert.Single(rig.Fixture.Recording.Calls).Json.Member("params").Member("_meta");
        Assert.NotEqual(token, meta.Member("progressToken").GetRawText());
        Assert.Equal("1.0", meta.Member("kept").GetRawText());
    }

    [Fact]
    public async Task Progress_OnTheListeningStream_BearsTheTokenOfTheSessionItGoesTo()
    {
        var release = new TaskCompletionSource();
        var apart = await LegacyRig.StartAsync(new FixtureOptions
        {
            ProgressOnGet = true,
            OnCall = async turn =>
            {
                await turn.ProgressAsync(1, 2);
                await release.Task.WaitAsync(LegacyRig.Patience);
                return Lenient.Parse("""{"content":[]}""");
            },
        });
        await using var disposed = apart;
        await using var first = await apart.OpenAsync();
        await using var second = await apart.OpenAsync();
        await using var firstTap = await EventTap.OpenAsync(first);
        await using var secondTap = await EventTap.OpenAsync(second);

        var calls = Task.WhenAll(
            first.RequestAsync("tools/call", Lenient.Parse("""{"name":"echo","_meta":{"progressToken":"same"}}""")),
            second.RequestAsync("tools/call", Lenient.Parse("""{"name":"echo","_meta":{"progressToken":7}}""")));
        var toFirst = (await firstTap.MessageAsync()).Message;
        var toSecond = (await secondTap.MessageAsync()).Message;
        release.SetResult();
        await calls;

        Assert.Equal(Tokens.Of("""{"progressToken":"same","progress":1,"total":2}"""), Tokens.Of(toFirst.Member("params")));
        Assert.Equal(Tokens.Of("""{"progressToken":7,"progress":1,"total":2}"""), Tokens.Of(toSecond.Member("params")));
    }

    [Theory]
    [InlineData("12", "12")]
    [InlineData("\"a\\u0062\"", "\"ab\"")]
    public async Task Cancellation_OfARunningCall_ReachesTheServerUnderItsOwnId(string id, string named)
    {
        var started = new TaskCompletionSource();
        shared.OnCall = async turn =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, turn.Cancelled);
            return null;
        };
        await using var client = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();

        var call = rig.PostAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"method":"tools/call","params":{"name":"echo"}}""");
        await started.Task.WaitAsync(LegacyRig.Patience);
        shared.OnCall = null;
        using var told = await rig.PostAsync(client, $$$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{{named}}}},"reason":"no longer wanted"}}""");
        using var ended = await call;

        Assert.Equal(202, (int)told.StatusCode);
        var cancelled = await rig.ReceivedAsync(static request => request.RpcMethod == "notifications/cancelled");
        Assert.Equal(Assert.Single(rig.Fixture.Recording.Calls).Json.Member("id").GetRawText(), cancelled.Json.Member("params").Member("requestId").GetRawText());
        Assert.Equal("no longer wanted", cancelled.Json.Member("params").Text("reason"));
    }

    [Fact]
    public async Task Cancellation_ServerThatGoesOnAnyway_StillEndsTheAnswer()
    {
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        shared.OnCall = async _ =>
        {
            started.SetResult();
            await release.Task.WaitAsync(LegacyRig.Patience);
            return Lenient.Parse("""{"content":[]}""");
        };
        await using var client = await rig.OpenAsync();
        var call = rig.PostAsync(client, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}""");
        await started.Task.WaitAsync(LegacyRig.Patience);
        shared.OnCall = null;

        await client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = 1 });
        using var ended = await call;
        var body = await ended.Content.ReadAsStringAsync().WaitAsync(LegacyRig.Patience);
        release.SetResult();

        Assert.Equal("text/event-stream", ended.Content.Headers.ContentType?.MediaType);
        Assert.Equal("", body);
    }

    [Fact]
    public async Task Cancellation_OfWhatIsNotInFlightHere_GoesNowhere()
    {
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        shared.OnCall = async _ =>
        {
            started.SetResult();
            await release.Task.WaitAsync(LegacyRig.Patience);
            return Lenient.Parse("""{"content":[]}""");
        };
        await using var client = await rig.OpenAsync();
        await using var other = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();
        var call = rig.PostAsync(client, """{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{"name":"echo"}}""");
        await started.Task.WaitAsync(LegacyRig.Patience);
        shared.OnCall = null;
        var upstreamId = Assert.Single(rig.Fixture.Recording.Calls).Json.Member("id");

        var foreign = await other.NotifyAsync("notifications/cancelled", new() { ["requestId"] = 99 });
        var guessed = await other.NotifyAsync("notifications/cancelled", new() { ["requestId"] = upstreamId.ToNode() });
        var unknown = await client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = "99" });
        release.SetResult();
        using var answered = await call;

        Assert.Equal([202, 202, 202], [foreign, guessed, unknown]);
        Assert.DoesNotContain(rig.Fixture.Recording.Requests, static request => request.RpcMethod == "notifications/cancelled");
        Assert.Equal(200, (int)answered.StatusCode);
    }

    [Fact]
    public async Task Notifications_OfTheClient_PassOnlyWhereTheyAreOpened()
    {
        await using var open = await rig.OpenAsync();
        await using var closed = await rig.OpenAsync(LegacyRig.Closed);
        rig.Fixture.Recording.Clear();

        var statuses = new[]
        {
            await closed.NotifyAsync("notifications/roots/list_changed", []),
            await closed.NotifyAsync("notifications/vendor/anything", []),
            await open.NotifyAsync("notifications/vendor/anything", []),
            (int)(await rig.PostAsync(open, """{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""")).StatusCode,
            (int)(await rig.PostAsync(open, """{"jsonrpc":"2.0","method":"notifications/progress"}""")).StatusCode,
        };

        Assert.All(statuses, static status => Assert.Equal(202, status));
        Assert.Equal(
            ["""{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""", """{"jsonrpc":"2.0","method":"notifications/progress"}"""],
            rig.Fixture.Recording.Requests.Select(static request => request.Text));
    }

    [Fact]
    public async Task PageToOpen_AsAnError_PassesOnlyWhereElicitationIsOpened()
    {
        await using var open = await rig.OpenAsync(capabilities: """{"elicitation":{"url":{}}}""");
        await using var closed = await rig.OpenAsync(LegacyRig.Closed);

        var passed = await open.CallAsync("url_required");
        var withheld = await closed.CallAsync("url_required");

        Assert.Equal(-32042, passed.Error.Number("code", 0));
        Assert.Equal("elicitation-1", passed.Error.Member("data").Member("elicitations")[0].Text("elicitationId"));
        Assert.Equal("method.denied", withheld.Denial.Text("code"));
        Assert.DoesNotContain("127.0.0.1", withheld.Text, StringComparison.Ordinal);
    }
}
