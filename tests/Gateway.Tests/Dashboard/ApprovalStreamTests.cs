using System.Net;
using System.Text.Json.Nodes;
using Callgate.Gateway.Tests.Approvals;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>What waits, sent to open pages as it changes: bounded, ended with the session, and no hindrance when the gate stops.</summary>
public sealed class ApprovalStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly OffsetTime time = new();

    [Fact]
    public async Task Stream_OfAnOpenPage_SendsTheListAndEachChange()
    {
        await using var gate = await ApprovalGate.StartAsync(time: time);
        var cookie = await PageGate.Before(gate.Gate).SignInAsync("ada");
        using var stream = await OpenStream.OfAsync(gate.Gate, cookie);

        var nothing = await stream.ReadAsync();
        await using var client = gate.Modern();
        await client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 });
        var id = await gate.WaitingAsync();
        var one = await stream.ReadAsync();
        await gate.DenyAsync(id, "not today");
        var none = await stream.ReadAsync();

        Assert.Equal((HttpStatusCode.OK, "text/event-stream", "no-store"), (stream.Status, stream.Type, stream.Cache));
        Assert.Contains("data-waiting=\"0\"", nothing, StringComparison.Ordinal);
        Assert.Contains("data-waiting=\"1\" data-said=\"1 call waits\"", one, StringComparison.Ordinal);
        Assert.Contains($"href=\"/approvals/{id}\" data-asked=\"{id}\"", one, StringComparison.Ordinal);
        Assert.Contains("data-waiting=\"0\"", none, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfASessionThatEnds_SaysSoAndEnds()
    {
        await using var gate = await ApprovalGate.StartAsync(time: time);
        await gate.AddAsync("zoe", "viewer");
        var site = PageGate.Before(gate.Gate);
        var (left, removed) = (await site.SignInAsync("ada"), await site.SignInAsync("zoe"));
        using var idle = await OpenStream.OfAsync(gate.Gate, left);
        using var gone = await OpenStream.OfAsync(gate.Gate, removed);
        await idle.ReadAsync();
        await gone.ReadAsync();
        time.Advance(TimeSpan.FromMinutes(20));
        using (var following = await site.GetAsync("approvals?follow=1", left))
        {
            Assert.Equal((HttpStatusCode.OK, "5"), (following.StatusCode, following.Headers.GetValues("Refresh").Single()));
        }

        await gate.ApiAsync(null, HttpMethod.Delete, "operators/zoe");
        Assert.StartsWith("event: end", await gone.ReadAsync(), StringComparison.Ordinal);
        Assert.True(await gone.IsOverAsync());

        // Neither the stream nor a page that is loaded by itself was a use of it.
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.StartsWith("event: end", await idle.ReadAsync(), StringComparison.Ordinal);
        Assert.True(await idle.IsOverAsync());
        using var after = await OpenStream.OfAsync(gate.Gate, left);
        Assert.Equal(HttpStatusCode.Unauthorized, after.Status);
    }

    [Fact]
    public async Task Streams_OfOneSession_AreFourAtMost()
    {
        await using var gate = await ApprovalGate.StartAsync(time: time);
        var site = PageGate.Before(gate.Gate);
        var (one, other) = (await site.SignInAsync("ada"), await site.SignInAsync("ada"));
        var open = new List<OpenStream>();
        for (var i = 0; i < 4; i++)
        {
            open.Add(await OpenStream.OfAsync(gate.Gate, one));
            await open[i].ReadAsync();
        }

        using var fifth = await OpenStream.OfAsync(gate.Gate, one);
        using var others = await OpenStream.OfAsync(gate.Gate, other);
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (fifth.Status, others.Status));

        open[0].Dispose();
        HttpStatusCode again;
        do
        {
            using var next = await OpenStream.OfAsync(gate.Gate, one);
            again = next.Status;
        }
        while (again == HttpStatusCode.TooManyRequests && !TestContext.Current.CancellationToken.IsCancellationRequested);

        Assert.Equal(HttpStatusCode.OK, again);
        open.ForEach(static stream => stream.Dispose());
    }

    [Fact]
    public async Task Stream_WhenTheGateStops_EndsByItselfAndHoldsNothingUp()
    {
        var gate = await ApprovalGate.StartAsync(time: time);
        var cookie = await PageGate.Before(gate.Gate).SignInAsync("ada");
        using var stream = await OpenStream.OfAsync(gate.Gate, cookie);
        await stream.ReadAsync();

        Assert.Equal(0, await gate.Gate.StopAsync());

        // Cut connections would throw.
        Assert.True(await stream.IsOverAsync());
        await gate.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("callgate=cgs_nothing")]
    public async Task Stream_WithoutASession_IsRefused(string? cookie)
    {
        await using var gate = await ApprovalGate.StartAsync(time: time);
        using var stream = await OpenStream.OfAsync(gate.Gate, cookie);

        Assert.Equal(HttpStatusCode.Unauthorized, stream.Status);
    }

    /// <summary>One stream as a browser holds it.</summary>
    private sealed class OpenStream : IDisposable
    {
        private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false });
        private HttpResponseMessage answer = null!;
        private StreamReader reader = null!;

        public HttpStatusCode Status => answer.StatusCode;

        public string? Type => answer.Content.Headers.ContentType?.MediaType;

        public string? Cache => answer.Headers.CacheControl?.ToString();

        public static async Task<OpenStream> OfAsync(RunningGate gate, string? cookie)
        {
            var stream = new OpenStream();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gate.Address, "approvals/events"));
            if (cookie is not null)
            {
                request.Headers.TryAddWithoutValidation("Cookie", cookie);
            }

            stream.answer = await stream.http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            stream.reader = new StreamReader(await stream.answer.Content.ReadAsStreamAsync());
            return stream;
        }

        /// <summary>The next event whole; lines that only show that somebody is there are passed over.</summary>
        public async Task<string> ReadAsync()
        {
            while (true)
            {
                var text = new System.Text.StringBuilder();
                while (await LineAsync() is { Length: > 0 } line)
                {
                    text.Append(line).Append('\n');
                }

                if (text.Length > 0 && text[0] != ':')
                {
                    return text.ToString();
                }
            }
        }

        public async Task<bool> IsOverAsync()
        {
            while (await LineAsync() is { } line)
            {
                Assert.DoesNotContain("inbox", line, StringComparison.Ordinal);
            }

            return true;
        }

        public void Dispose()
        {
            reader.Dispose();
            answer.Dispose();
            http.Dispose();
        }

        private Task<string?> LineAsync() => reader.ReadLineAsync().WaitAsync(Patience);
    }
}
