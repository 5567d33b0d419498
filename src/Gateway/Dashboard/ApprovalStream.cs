using System.Text;
using System.Threading.Channels;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// <c>/approvals/events</c>: the list of what waits, sent anew whenever it changes, to pages that are open. INVARIANT: it
/// counts as no use of the session and ends with it, holds nothing up when the gate stops, and is bounded.
/// </summary>
internal sealed class ApprovalStream(PageRoutes routes, DashboardParts parts)
{
    public const string Path = ApprovalListings.Root + "/events";

    /// <summary>What a page gets whose session has ended.</summary>
    public const string EndEvent = "end";

    public const string ListEvent = "inbox";

    private const int OfASession = 4;
    private const int InAll = 200;

    /// <summary>How often it is looked whether the session still holds, and how old the time that is left may be.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Between two lists, however many calls come.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Places places = new(OfASession, InAll);

    public void Map() => routes.Map(Path, ["GET"], context => ValueTask.FromResult(Answer(context)));

    private IResult Answer(HttpContext context)
    {
        if (routes.Site.Cookie(context) is not { } token || parts.Sessions.Peek(token, SessionKind.Page) is null)
        {
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var session = OperatorSessions.IdOf(token);
        if (!places.TryTake(session))
        {
            return Results.StatusCode(StatusCodes.Status429TooManyRequests);
        }

        // A proxy that gathers what it passes on would keep it back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return Results.Stream(
            async body =>
            {
                try
                {
                    await SendAsync(context, token, body);
                }
                finally
                {
                    places.Leave(session);
                }
            },
            "text/event-stream");
    }

    private async Task SendAsync(HttpContext context, string token, Stream body)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, parts.Ending);
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void OnChanged(Approval changed) => changes.Writer.TryWrite(true);
        parts.Approvals.Changed += OnChanged;
        try
        {
            var sent = "";
            while (parts.Sessions.Peek(token, SessionKind.Page) is not null)
            {
                var list = await PageText.OfAsync<ApprovalList>(context, new() { [nameof(ApprovalList.Open)] = parts.Approvals.Open, [nameof(ApprovalList.Now)] = parts.Time.GetUtcNow() });

                // A line in between tells both sides whether the other is still there.
                await WriteAsync(body, list == sent ? ": \n\n" : Event(ListEvent, list), ends.Token);
                sent = list;
                await NextAsync(changes.Reader, ends.Token);
            }

            await WriteAsync(body, Event(EndEvent, ""), ends.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && (ends.IsCancellationRequested || exception is IOException))
        {
            // The page was closed, or the gate stops: the browser asks again by itself.
        }
        finally
        {
            parts.Approvals.Changed -= OnChanged;
        }
    }

    /// <summary>Until something has changed, or it is time to look.</summary>
    private async Task NextAsync(ChannelReader<bool> changes, CancellationToken ends)
    {
        using var look = new CancellationTokenSource(LookEvery, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(look.Token, ends);
        try
        {
            await changes.ReadAsync(either.Token);
            await Task.Delay(Pause, parts.Time, ends);
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested)
        {
            // Time to look.
        }
    }

    private static string Event(string name, string data)
    {
        var text = new StringBuilder("event: ").Append(name).Append('\n');
        foreach (var line in data.ReplaceLineEndings("\n").Split('\n'))
        {
            text.Append("data: ").Append(line).Append('\n');
        }

        return text.Append('\n').ToString();
    }

    private static async Task WriteAsync(Stream body, string text, CancellationToken ends)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(text), ends);
        await body.FlushAsync(ends);
    }

    /// <summary>How many streams are open, of each session and of all.</summary>
    private sealed class Places(int mostOfOne, int mostInAll)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
        private int all;

        public bool TryTake(string session)
        {
            lock (gate)
            {
                var own = taken.GetValueOrDefault(session);
                if (own >= mostOfOne || all >= mostInAll)
                {
                    return false;
                }

                taken[session] = own + 1;
                all++;
                return true;
            }
        }

        public void Leave(string session)
        {
            lock (gate)
            {
                all--;
                if (--taken[session] == 0)
                {
                    taken.Remove(session);
                }
            }
        }
    }
}
