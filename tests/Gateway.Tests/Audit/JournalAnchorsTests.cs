using System.Net;
using System.Net.Sockets;
using System.Text;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Tests.Quota;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>Copies of signed heads outside the data folder: whole, in order, and through failures and restarts.</summary>
public sealed class JournalAnchorsTests : IDisposable
{
    private readonly JournalFolder folder = new();
    private readonly SettableTime time = new(JournalFolder.Start);
    private readonly JournalKey key;
    private readonly DirectoryInfo outside = Directory.CreateTempSubdirectory("callgate-anchor-");
    private int calls;

    public JournalAnchorsTests()
    {
        Directory.CreateDirectory(folder.Root);
        key = JournalKey.Open(folder.Root);
    }

    public void Dispose()
    {
        key.Dispose();
        folder.Dispose();
        outside.Delete(recursive: true);
    }

    [Fact]
    public async Task File_AfterStops_HasEveryHead()
    {
        var anchor = Anchor.ToFile(Path.Combine(outside.FullName, "heads"));
        await RunAsync([anchor], 3);
        await RunAsync([anchor], 2);

        Assert.Equal(await File.ReadAllTextAsync(HeadsPath), await File.ReadAllTextAsync(anchor.File!));
        Assert.Equal(7, SignedHead.ReadAll(new StringReader(await File.ReadAllTextAsync(anchor.File!))).Count());
    }

    [Fact]
    public async Task File_AnchorAddedLater_GetsTheHeadsFromTheBeginning()
    {
        await RunAsync([], 3);
        var anchor = Anchor.ToFile(Path.Combine(outside.FullName, "later"));
        await RunAsync([anchor], 1);

        Assert.Equal(await File.ReadAllTextAsync(HeadsPath), await File.ReadAllTextAsync(anchor.File!));
    }

    [Fact]
    public async Task Webhook_ThatFailsAndComesBack_GetsEveryHeadInOrder()
    {
        var bodies = new StringBuilder();
        var failures = 3;
        await using var hook = await HookAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                context.Response.StatusCode = failures % 2 == 0 ? 500 : 302;
                return;
            }

            lock (bodies)
            {
                bodies.Append(body);
            }
        });
        var anchor = Anchor.ToWebhook(new Uri(hook.Urls.First() + "/heads?secret=canary-webhook"));
        var log = new JournalAnchorsLog();
        await RunAsync([anchor], 3, log);
        await RunAsync([anchor], 1, log);
        await RunAsync([anchor], 0, log);
        await RunAsync([anchor], 0, log);

        Assert.Equal(await File.ReadAllTextAsync(HeadsPath), bodies.ToString());
        Assert.Contains("does not take heads", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-webhook", log.Text + await File.ReadAllTextAsync(Path.Combine(folder.Root, AnchorPositions.Name)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_NobodyThere_IsReportedAndCallsPass()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var anchor = Anchor.ToWebhook(new Uri($"http://{closed.LocalEndpoint}/"));
        closed.Stop();
        var heads = new JournalHeads(folder.Root, key, time, NullLogger.Instance);
        var anchors = new JournalAnchors([anchor], heads, folder.Root, time, NullLogger.Instance);
        var journal = await folder.OpenAsync(time);
        heads.Follow(journal);
        await CallAsync(journal);
        await heads.SignNowAsync();
        await CallAsync(journal);
        await journal.DisposeAsync();
        await heads.DisposeAsync();
        await anchors.DisposeAsync();

        Assert.StartsWith($"the anchor `{anchor.Name}` has no head after entry 0: ", Assert.Single(anchors.Faults), StringComparison.Ordinal);
        Assert.Equal(0, anchors.AnchoredSeq);
    }

    private string HeadsPath => Path.Combine(folder.Root, HeadsFile.Name);

    /// <summary>A life of a gate's record: so many heads, and one more at the stop.</summary>
    private async Task RunAsync(Anchor[] targets, int signed, ILogger? log = null)
    {
        await using var anchors = Make(out var heads);
        await using (heads)
        {
            await using var journal = await folder.OpenAsync(time);
            heads.Follow(journal);
            for (var i = 0; i < signed; i++)
            {
                await CallAsync(journal);
                await heads.SignNowAsync();
            }
        }

        JournalAnchors Make(out JournalHeads made)
        {
            made = new JournalHeads(folder.Root, key, time, NullLogger.Instance);
            return new JournalAnchors(targets, made, folder.Root, time, log ?? NullLogger.Instance);
        }
    }

    private async Task CallAsync(Journal journal) =>
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call($"c{calls++}", "answered"), Durability.Power, CancellationToken.None));

    private static async Task<WebApplication> HookAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/heads", answer);
        await app.StartAsync();
        return app;
    }

    /// <summary>What was logged, as text.</summary>
    private sealed class JournalAnchorsLog : ILogger
    {
        private readonly StringBuilder text = new();

        public string Text
        {
            get
            {
                lock (text)
                {
                    return text.ToString();
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (text)
            {
                text.AppendLine(formatter(state, exception));
            }
        }
    }
}
