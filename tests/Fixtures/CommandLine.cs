using System.Globalization;

namespace Callgate.Fixtures;

/// <summary>The arguments of `callgate-fixture`, read.</summary>
internal sealed class CommandLine
{
    public const string Usage =
        """
        usage: callgate-fixture stdio|http [options]
          --profile NAME        everything, conformance, dagster, trigger, databricks, flowforge, piloty
          --port N              http only; 0 takes a free port, which is printed as `listening on URL`
          --record FILE         append every received message, one a line
          --eras E              legacy, modern, dual
          --version V           the one legacy version spoken
          --answers json|sse    how an HTTP answer is framed when nothing comes before it
          --stateless           legacy HTTP without session ids
          --progress-on-get     progress on the GET stream
          --prime-events        an empty event with an id first on every stream
          --awkward-events      events in a legal but unusual form
          --sse-endpoint URL    what HTTP+SSE names as the address to post to
          --page-size N         items on a page of a list
          --bearer TOKEN        demand it on every HTTP request
          --fault KIND[:TOOL-OR-METHOD[:TIMES]]   may be repeated
          --oversize-bytes N    --drip-ms N       size and pace of those faults
          --start-delay MS      --stderr-bytes N  --noise     before the first answer (stdio)
          --ignore-eof          --ignore-term                 stay alive
        """;

    private readonly string[] arguments;
    private readonly List<Fault> faults = [];
    private int at;

    private CommandLine(string[] arguments) => this.arguments = arguments;

    public string Mode { get; private set; } = "";

    public FixtureOptions Options { get; private set; } = new();

    public int Port { get; private set; }

    public int StartDelay { get; private set; }

    public int StderrBytes { get; private set; }

    public bool Noise { get; private set; }

    public bool IgnoreEof { get; private set; }

    public bool IgnoreTerm { get; private set; }

    /// <summary>Throws ArgumentException or FormatException for what it cannot read.</summary>
    public static CommandLine Parse(string[] arguments)
    {
        var line = new CommandLine(arguments) { Mode = arguments.FirstOrDefault() ?? "" };
        for (line.at = 1; line.at < arguments.Length; line.at++)
        {
            if (!line.TakeServer(arguments[line.at]) && !line.TakeProcess(arguments[line.at]))
            {
                throw new ArgumentException($"unknown option `{arguments[line.at]}`");
            }
        }

        line.Options = line.Options with { Faults = line.faults };
        return line;
    }

    private bool TakeServer(string option)
    {
        FixtureOptions? changed = option switch
        {
            "--profile" => Options with { Profile = Value() },
            "--record" => Options with { RecordFile = Value() },
            "--eras" => Options with { Eras = Enum.Parse<FixtureEras>(Value(), ignoreCase: true) },
            "--version" => Options with { OnlyVersion = Value() },
            "--answers" => Options with { Answers = Enum.Parse<AnswerForm>(Value(), ignoreCase: true) },
            "--stateless" => Options with { Stateless = true },
            "--progress-on-get" => Options with { ProgressOnGet = true },
            "--prime-events" => Options with { PrimeEvents = true },
            "--awkward-events" => Options with { AwkwardEvents = true },
            "--sse-endpoint" => Options with { SseEndpoint = Value() },
            "--page-size" => Options with { PageSize = Number() },
            "--bearer" => Options with { Bearer = Value() },
            "--oversize-bytes" => Options with { OversizeBytes = Number() },
            "--drip-ms" => Options with { DripInterval = TimeSpan.FromMilliseconds(Number()) },
            _ => null,
        };
        Options = changed ?? Options;
        return changed is not null;
    }

    private bool TakeProcess(string option)
    {
        switch (option)
        {
            case "--port": Port = Number(); return true;
            case "--fault": faults.Add(Fault.Parse(Value())); return true;
            case "--start-delay": StartDelay = Number(); return true;
            case "--stderr-bytes": StderrBytes = Number(); return true;
            case "--noise": Noise = true; return true;
            case "--ignore-eof": IgnoreEof = true; return true;
            case "--ignore-term": IgnoreTerm = true; return true;
            default: return false;
        }
    }

    private string Value() => ++at < arguments.Length ? arguments[at] : throw new ArgumentException($"`{arguments[at - 1]}` needs a value");

    private int Number() => int.Parse(Value(), CultureInfo.InvariantCulture);
}
