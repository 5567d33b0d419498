using System.Collections.Concurrent;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Sessions;

/// <summary>A request of the upstream that the client still has to answer.</summary>
/// <param name="UpstreamId">The upstream's id as it wrote it, under which the answer goes back.</param>
/// <param name="Key">The same id in plain spelling, under which it is found again.</param>
public sealed record PendingQuestion(ReadOnlyMemory<byte> UpstreamId, string Key)
{
    /// <summary>Takes the answer to a question of the gate's own; null for one of the upstream.</summary>
    public Action<RpcMessage>? Own { get; init; }
}

/// <summary>
/// A request whose response did not reach the client on its own stream: the upstream closed that stream early, or the
/// client was gone. It is finished when the client resumes with the id of the last event it saw.
/// </summary>
/// <param name="Request">The client's id of the request, which it may still cancel.</param>
/// <param name="AbandonAsync">Says that nobody will fetch it any more.</param>
public sealed record ParkedResponse(string Request, Func<RpcMessage, ReadOnlyMemory<byte>> Finish, Func<ValueTask> CompleteAsync, Func<ValueTask> AbandonAsync);

/// <summary>
/// One legacy client session. The id a client holds is sealed (see <see cref="SessionTable"/>); what lives here is only what
/// is in flight: which of our ids stands for which of the client's, and which questions of the upstream are open.
/// </summary>
public sealed class ClientSession(string localId, string grant, string server, string version, Conversation conversation) : IAsyncDisposable
{
    private const int MaxOpenQuestions = 128;
    private const int MaxParked = 64;
    private const int MaxResuming = 32;
    private const int MaxTold = 16;

    private readonly ConcurrentDictionary<string, Flight> inFlight = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, ReadOnlyMemory<byte>> progressTokens = new();
    private readonly ConcurrentDictionary<long, PendingQuestion> questions = new();
    private readonly ConcurrentDictionary<long, ParkedResponse> parked = new();
    private readonly ConcurrentDictionary<long, ParkedResponse> told = new();
    private readonly CancellationTokenSource closed = new();
    private long lastQuestion;
    private int listening;
    private int resuming;

    public string LocalId { get; } = localId;

    public string Grant { get; } = grant;

    public string Server { get; } = server;

    /// <summary>The version agreed on in <c>initialize</c>.</summary>
    public string Version { get; } = version;

    public Conversation Conversation { get; } = conversation;

    /// <summary>What the client holds as its session id.</summary>
    public string SealedId { get; set; } = "";

    /// <summary>What the client calls itself.</summary>
    public string? ClientName { get; set; }

    /// <summary>The client opens pages for its user when it is asked to (elicitation by URL, 2025-11-25); not known after a resumption.</summary>
    public bool OpensPages { get; set; }

    /// <summary>The capabilities the upstream announced; Undefined after a resumption, when they are not known.</summary>
    public JsonElement UpstreamCapabilities { get; set; }

    public DateTimeOffset LastUsed { get; set; }

    /// <summary>Waits for the end of the conversation. Several sessions share one link: none may hang on it longer than it lives.</summary>
    public CancellationTokenRegistration UntilEnded { get; set; }

    public bool Busy => !inFlight.IsEmpty || listening > 0 || resuming > 0;

    /// <summary>Cancelled when the session has ended; its streams end with it.</summary>
    public CancellationToken Closed => closed.Token;

    /// <summary>Takes the client's id for a request in flight; false when it is in use already.</summary>
    public bool TryBegin(string request) => inFlight.TryAdd(request, new Flight());

    public void Sent(string request, long upstreamId)
    {
        if (inFlight.TryGetValue(request, out var flight))
        {
            flight.UpstreamId = upstreamId;
        }
    }

    public void End(string request)
    {
        if (inFlight.TryRemove(request, out var flight))
        {
            flight.Ended.TrySetResult();
        }
    }

    /// <summary>Done when the request that went up under this id is in flight no longer; then its response can be resumed, if ever.</summary>
    public Task SettledAsync(long upstreamId) =>
        inFlight.Values.FirstOrDefault(flight => flight.UpstreamId == upstreamId)?.Ended.Task ?? Task.CompletedTask;

    /// <summary>The client has given this request up; <see cref="Cancel"/> follows once the upstream was told.</summary>
    public void GiveUp(string request)
    {
        if (inFlight.TryGetValue(request, out var flight))
        {
            flight.GivenUp = true;
        }
    }

    public bool IsGivenUp(string request) => inFlight.TryGetValue(request, out var flight) && flight.GivenUp;

    /// <summary>The client waits for this request no longer.</summary>
    public void Cancel(string request)
    {
        if (inFlight.TryGetValue(request, out var flight))
        {
            flight.Cancelled.Cancel();
        }
    }

    public CancellationToken CancellationOf(string request) => inFlight.TryGetValue(request, out var flight) ? flight.Cancelled.Token : CancellationToken.None;

    /// <summary>Our id of a request the client names, for a cancellation; 0 while it was not sent, and when it is not in flight.</summary>
    public long FindUpstreamId(string request)
    {
        if (inFlight.TryGetValue(request, out var flight))
        {
            return flight.UpstreamId;
        }

        return parked.FirstOrDefault(pair => string.Equals(pair.Value.Request, request, StringComparison.Ordinal)).Key;
    }

    public void AddProgressToken(long ours, ReadOnlyMemory<byte> clients) => progressTokens[ours] = clients;

    public void RemoveProgressToken(long ours) => progressTokens.TryRemove(ours, out _);

    public bool TryFindProgressToken(long ours, out ReadOnlyMemory<byte> clients) => progressTokens.TryGetValue(ours, out clients);

    /// <summary>
    /// Registers a question of the upstream and gives the id under which the client sees it; null when the session is over.
    /// Where too many are open the oldest is given up: a client that answers nothing must not end all questions.
    /// </summary>
    public long? Ask(PendingQuestion question)
    {
        if (closed.IsCancellationRequested)
        {
            return null;
        }

        if (questions.Count >= MaxOpenQuestions)
        {
            questions.TryRemove(questions.Keys.Min(), out _);
        }

        var id = Interlocked.Increment(ref lastQuestion);
        questions[id] = question;
        return id;
    }

    /// <summary>Takes the question that an answer belongs to. Each is answered once.</summary>
    public bool TryAnswer(long id, out PendingQuestion? question) => questions.TryRemove(id, out question);

    /// <summary>Our id of an open question: the upstream cancels it, or tells it again on a resumed stream.</summary>
    public long? FindQuestion(string key)
    {
        foreach (var (id, question) in questions)
        {
            if (string.Equals(question.Key, key, StringComparison.Ordinal))
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>Keeps a response to be resumed. When too many wait, the oldest is given up.</summary>
    public async ValueTask ParkAsync(long upstreamId, ParkedResponse response)
    {
        if (parked.Count >= MaxParked && parked.TryRemove(parked.Keys.Min(), out var oldest))
        {
            await oldest.AbandonAsync().ConfigureAwait(false);
        }

        parked[upstreamId] = response;
        if (closed.IsCancellationRequested && parked.TryRemove(upstreamId, out var late))
        {
            // The session ended meanwhile, and nobody will look here again.
            await late.AbandonAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Keeps what was sent to a client that may never have received it: a broken connection is noticed late. The last few
    /// can be resumed.
    /// </summary>
    public void KeepTold(long upstreamId, ParkedResponse response)
    {
        if (told.Count >= MaxTold)
        {
            told.TryRemove(told.Keys.Min(), out _);
        }

        told[upstreamId] = response;
    }

    public bool TryUnpark(long upstreamId, out ParkedResponse? response) => parked.TryRemove(upstreamId, out response) || told.TryRemove(upstreamId, out response);

    /// <summary>
    /// One listening stream a session; a second is refused and the first goes on. A stream that is resumed may be the rest
    /// of an answer, so some of these may be open beside it.
    /// </summary>
    public bool TryListen(bool resumes)
    {
        if (!resumes)
        {
            return Interlocked.CompareExchange(ref listening, 1, 0) == 0;
        }

        if (Interlocked.Increment(ref resuming) <= MaxResuming)
        {
            return true;
        }

        Interlocked.Decrement(ref resuming);
        return false;
    }

    public void StopListening(bool resumed)
    {
        if (resumed)
        {
            Interlocked.Decrement(ref resuming);
        }
        else
        {
            Volatile.Write(ref listening, 0);
        }
    }

    /// <summary>Ends what is open in this session; what waits to be resumed is given up.</summary>
    public async ValueTask DisposeAsync()
    {
        UntilEnded.Unregister();
        await closed.CancelAsync().ConfigureAwait(false);
        foreach (var id in parked.Keys)
        {
            if (parked.TryRemove(id, out var response))
            {
                await response.AbandonAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>A request of the client on its way; 0 until it has an id upstream.</summary>
    private sealed class Flight
    {
        private long upstreamId;
        private volatile bool givenUp;

        public bool GivenUp
        {
            get => givenUp;
            set => givenUp = value;
        }

        public long UpstreamId
        {
            get => Volatile.Read(ref upstreamId);
            set => Volatile.Write(ref upstreamId, value);
        }

        public CancellationTokenSource Cancelled { get; } = new();

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
