using System.Collections.Concurrent;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Sessions;

/// <summary>A request of the upstream that the client still has to answer.</summary>
public sealed record PendingQuestion(ReadOnlyMemory<byte> UpstreamId, string Method);

/// <summary>
/// A request whose response did not reach the client on its own stream: the upstream closed that stream early, or the
/// client was gone. It is finished when the client resumes with the id of the last event it saw.
/// </summary>
public sealed record ParkedResponse(Func<RpcMessage, ReadOnlyMemory<byte>> Finish, Func<ValueTask> CompleteAsync);

/// <summary>
/// One legacy client session. The id a client holds is sealed (see <see cref="SessionTable"/>); what lives here is only what
/// is in flight: which of our ids stands for which of the client's, and which questions of the upstream are open.
/// </summary>
public sealed class ClientSession(string localId, string grant, string server, string version, Conversation conversation)
{
    private const int MaxOpenQuestions = 128;
    private const int MaxParked = 64;

    private readonly ConcurrentDictionary<string, long> inFlight = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, ReadOnlyMemory<byte>> progressTokens = new();
    private readonly ConcurrentDictionary<long, PendingQuestion> questions = new();
    private readonly ConcurrentDictionary<long, ParkedResponse> parked = new();
    private long lastQuestion;
    private int listening;

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

    /// <summary>The capabilities the upstream announced; Undefined after a resumption, when they are not known.</summary>
    public JsonElement UpstreamCapabilities { get; set; }

    public DateTimeOffset LastUsed { get; set; }

    public bool Busy => !inFlight.IsEmpty || listening > 0;

    /// <summary>Takes the client's id for a request in flight; false when it is in use already.</summary>
    public bool TryBegin(string rawId) => inFlight.TryAdd(rawId, 0);

    public void Sent(string rawId, long upstreamId) => inFlight[rawId] = upstreamId;

    public void End(string rawId) => inFlight.TryRemove(rawId, out _);

    /// <summary>Our id of a request the client names, for a cancellation; 0 while it was not sent yet.</summary>
    public bool TryFindUpstreamId(string rawId, out long upstreamId) => inFlight.TryGetValue(rawId, out upstreamId);

    public void AddProgressToken(long ours, ReadOnlyMemory<byte> clients) => progressTokens[ours] = clients;

    public void RemoveProgressToken(long ours) => progressTokens.TryRemove(ours, out _);

    public bool TryFindProgressToken(long ours, out ReadOnlyMemory<byte> clients) => progressTokens.TryGetValue(ours, out clients);

    /// <summary>Registers a question of the upstream and gives the id under which the client sees it; null when too many are open.</summary>
    public long? Ask(PendingQuestion question)
    {
        if (questions.Count >= MaxOpenQuestions)
        {
            return null;
        }

        var id = Interlocked.Increment(ref lastQuestion);
        questions[id] = question;
        return id;
    }

    /// <summary>Takes the question that an answer belongs to. Each is answered once.</summary>
    public bool TryAnswer(long id, out PendingQuestion? question) => questions.TryRemove(id, out question);

    /// <summary>Our id of a question, for a cancellation by the upstream.</summary>
    public long? FindQuestion(ReadOnlyMemory<byte> upstreamId)
    {
        foreach (var (id, question) in questions)
        {
            if (question.UpstreamId.Span.SequenceEqual(upstreamId.Span))
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>Keeps a response to be resumed; false when too many wait already.</summary>
    public bool TryPark(long upstreamId, ParkedResponse response) => parked.Count < MaxParked && parked.TryAdd(upstreamId, response);

    public bool TryUnpark(long upstreamId, out ParkedResponse? response) => parked.TryRemove(upstreamId, out response);

    /// <summary>One listening stream a session; a second is refused and the first goes on.</summary>
    public bool TryListen() => Interlocked.CompareExchange(ref listening, 1, 0) == 0;

    public void StopListening() => Volatile.Write(ref listening, 0);
}
