namespace Callgate.Fixtures;

/// <summary>The protocol shapes a fixture server speaks.</summary>
[Flags]
public enum FixtureEras
{
    Legacy = 1,
    Modern = 2,
    Dual = Legacy | Modern,
}

/// <summary>How an HTTP answer is framed when nothing is sent before it; anything else becomes an event stream.</summary>
public enum AnswerForm
{
    Json,
    Sse,
}

/// <summary>What a fixture server is and how it speaks. Null means: as the profile says.</summary>
public sealed record FixtureOptions
{
    public string Profile { get; init; } = "everything";

    public FixtureEras? Eras { get; init; }

    public AnswerForm Answers { get; init; } = AnswerForm.Json;

    /// <summary>Legacy HTTP without a session id: nothing is remembered between requests.</summary>
    public bool Stateless { get; init; }

    /// <summary>What an unknown session id is answered with; the protocol says 404.</summary>
    public int UnknownSessionStatus { get; init; } = 404;

    /// <summary>Progress of a call travels on the GET stream and not on the call's own.</summary>
    public bool? ProgressOnGet { get; init; }

    /// <summary>Sends an empty event with an id first on every legacy stream, as 2025-11-25 does for polling.</summary>
    public bool PrimeEvents { get; init; }

    /// <summary>Events in a legal but unusual form: carriage returns, comments, data over two lines, no event name.</summary>
    public bool AwkwardEvents { get; init; }

    /// <summary>What HTTP+SSE names as the address to post to; a path of its own by default.</summary>
    public string? SseEndpoint { get; init; }

    /// <summary>Items on one page of a list; 0 is everything at once.</summary>
    public int PageSize { get; init; }

    /// <summary>The one legacy version spoken, whatever is asked.</summary>
    public string? OnlyVersion { get; init; }

    /// <summary>The `Authorization: Bearer` value demanded on every HTTP request; 401 without it.</summary>
    public string? Bearer { get; init; }

    /// <summary>Where received bytes are appended, one message a line.</summary>
    public string? RecordFile { get; init; }

    /// <summary>A `server/discover` answer that names only these versions; for servers of another future.</summary>
    public IReadOnlyList<string>? ModernVersions { get; init; }

    /// <summary>Runs before the profile for `tools/call`; a non-null answer is the result.</summary>
    public Func<Turn, ValueTask<System.Text.Json.Nodes.JsonNode?>>? OnCall { get; init; }

    /// <summary>Runs before any request of either era is answered, but for those that begin one.</summary>
    public Func<Turn, ValueTask>? OnRequest { get; init; }

    /// <summary>Bytes of text in an oversize answer.</summary>
    public int OversizeBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Pause between the pieces of an answer that drips.</summary>
    public TimeSpan DripInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    public IReadOnlyList<Fault> Faults { get; init; } = [];
}

/// <summary>The ways in which a fixture server can misbehave on purpose.</summary>
public enum FaultKind
{
    /// <summary>The answer carries an id nobody asked with.</summary>
    WrongId,

    /// <summary>The answer comes twice.</summary>
    DuplicateAnswer,

    /// <summary>No answer, ever.</summary>
    NeverAnswer,

    /// <summary>The connection (or the process) ends in the middle of the answer.</summary>
    CloseMidBody,

    /// <summary>The answer is larger than any limit.</summary>
    Oversize,

    /// <summary>The answer is cut JSON.</summary>
    InvalidJson,

    /// <summary>The answer has a member twice.</summary>
    DuplicateMember,

    /// <summary>The answer has a result and an error.</summary>
    ResultAndError,

    /// <summary>The answer starts with a byte order mark.</summary>
    ByteOrderMark,

    /// <summary>The answer is an array of one answer.</summary>
    Batch,

    /// <summary>The answer comes byte by byte.</summary>
    SlowDrip,

    /// <summary>A line that is no message comes before the answer (stdio), a page instead of it (HTTP).</summary>
    Noise,

    /// <summary>HTTP 307 to <see cref="Fault.Target"/>; the process ends on stdio.</summary>
    Redirect,

    /// <summary>HTTP status <see cref="Fault.Status"/> with a text body; the process ends on stdio.</summary>
    Status,

    /// <summary>A gzip body nobody asked for.</summary>
    Compressed,

    /// <summary>The process (or the connection) ends before any answer.</summary>
    Vanish,
}

/// <summary>One way to misbehave, for requests of a method or calls of a tool, a number of times.</summary>
public sealed record Fault(FaultKind Kind, string? Method = null, string? Tool = null)
{
    public int Times { get; init; } = int.MaxValue;

    public int Status { get; init; } = 500;

    public string Target { get; init; } = "/elsewhere";

    /// <summary>Reads `kind[:method-or-tool[:times]]`; a name with a slash is a method.</summary>
    public static Fault Parse(string text)
    {
        var parts = text.Split(':');
        var kind = Enum.Parse<FaultKind>(parts[0].Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        var target = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null;
        var isMethod = target is not null && (target.Contains('/', StringComparison.Ordinal) || target is "initialize" or "ping");
        var times = parts.Length > 2 ? int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
        return new Fault(kind, isMethod ? target : null, isMethod ? null : target) { Times = times };
    }
}
