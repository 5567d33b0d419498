using System.CommandLine;
using Callgate.Gateway.Admin;
using Callgate.Gateway.Storage;

namespace Callgate.Cli;

/// <summary>How a command finds the gate and speaks to whoever called it. Each command has options of its own, so that help shows them.</summary>
internal sealed class GateOptions
{
    public const string DefaultUrl = "http://127.0.0.1:2255";

    private readonly Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
    private readonly Option<string?> url = new("--url") { Description = "Address of the gate's administration (or CALLGATE_URL; without: " + DefaultUrl + ").", HelpName = "URL" };
    private readonly Option<string?> token = new("--token") { Description = "The administrator's token (or CALLGATE_TOKEN, which other users of the machine cannot see); without: the session of `callgate login`.", HelpName = "TOKEN" };

    /// <summary>Where address and token are found on the same machine.</summary>
    public Option<string?> DataFolder { get; } = new("--data") { Description = "Data folder of a gate on this machine: address and token are read there.", HelpName = "DIR" };

    /// <summary>The token that was given on the command line, whosever it is.</summary>
    public string? Token(ParseResult parsed) => parsed.GetValue(token);

    public Command AddTo(Command command)
    {
        command.Add(token);
        return AddAddressTo(command);
    }

    /// <summary>For commands that bring a credential of their own.</summary>
    public Command AddAddressTo(Command command)
    {
        command.Add(url);
        command.Add(DataFolder);
        command.Add(json);
        return command;
    }

    /// <summary>A command that speaks to the running gate.</summary>
    public static Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<GateCall, Task<int>> action) =>
        Made(name, description, symbols, action, static (options, parsed) => options.Connect(parsed));

    /// <summary>What only a person does who has signed in: the administrator's token of a data folder is not taken for one.</summary>
    public static Command Personal(string name, string description, IEnumerable<Symbol> symbols, Func<GateCall, Task<int>> action) =>
        Made(name, description, symbols, action, static (options, parsed) => options.ConnectAsPerson(parsed));

    private static Command Made(string name, string description, IEnumerable<Symbol> symbols, Func<GateCall, Task<int>> action, Func<GateOptions, ParseResult, GateClient> connect)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
            }
        }

        var options = new GateOptions();
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(connect(options, parsed), options.Json(parsed), parsed, action, cancellationToken));
        return command;
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(json);

    /// <summary>The gate's address, when one is known.</summary>
    public string Address(ParseResult parsed)
    {
        if (parsed.GetValue(url) is { Length: > 0 } given)
        {
            return given;
        }

        if (parsed.GetValue(DataFolder) is { } folder)
        {
            return RunningAt(folder) ?? throw new CommandFault(ExitCode.Failed, $"callgate: no gate runs on `{folder}`; start it with `callgate serve --data {folder}`, or give --url");
        }

        return Environment.GetEnvironmentVariable("CALLGATE_URL") is { Length: > 0 } variable ? variable : DefaultUrl;
    }

    /// <summary>The address that a running gate left in its data folder.</summary>
    public static string? RunningAt(string folder)
    {
        var path = Path.Combine(folder, Gateway.GatewayHost.AddressFile);

        // A gate that was killed leaves its address behind, but not its lock.
        return File.Exists(path) && DataDirectory.IsHeld(folder) ? File.ReadAllText(path).Trim().Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal).Replace("//[::]:", "//[::1]:", StringComparison.Ordinal) : null;
    }

    public string Credential(ParseResult parsed)
    {
        if (parsed.GetValue(token) is { Length: > 0 } given)
        {
            return given;
        }

        if (parsed.GetValue(DataFolder) is { } folder)
        {
            return FromFolder(folder);
        }

        if (Environment.GetEnvironmentVariable("CALLGATE_TOKEN") is { Length: > 0 } variable)
        {
            return variable;
        }

        var address = Address(parsed);
        return SessionFile.Find(address)?.Token
            ?? throw new CommandFault(ExitCode.Usage, $"callgate: nobody is signed in at {address}: use `callgate login`, set CALLGATE_TOKEN to the administrator's token, or name the gate's data folder with --data");
    }

    /// <summary>For commands that need a gate only for some of what they can do.</summary>
    public GateClient Connect(ParseResult parsed)
    {
        var credential = Credential(parsed);
        return new GateClient(Address(parsed), credential);
    }

    private static string FromFolder(string folder)
    {
        try
        {
            return AdminToken.Read(folder) ?? throw new CommandFault(ExitCode.Failed, $"callgate: `{Path.Combine(folder, AdminToken.FileName)}` is not there; the gate makes it when it first starts");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{Path.Combine(folder, AdminToken.FileName)}` may not be read by this user");
        }
    }

    private GateClient ConnectAsPerson(ParseResult parsed)
    {
        var address = Address(parsed);
        var session = parsed.GetValue(token) is { Length: > 0 } given ? given : SessionFile.Find(address)?.Token;
        return new GateClient(address, session ?? throw new CommandFault(ExitCode.Usage, $"callgate: nobody is signed in at {address}, and only a person answers approvals: use `callgate login --url {address}`"));
    }

    private static async Task<int> RunAsync(GateClient connected, bool json, ParseResult parsed, Func<GateCall, Task<int>> action, CancellationToken cancellationToken)
    {
        using var client = connected;
        return await action(new GateCall(parsed, client, new Printer(parsed.InvocationConfiguration.Output, json), cancellationToken));
    }
}

/// <summary>What a command that speaks to the gate works with.</summary>
internal sealed record GateCall(ParseResult Parsed, GateClient Gate, Printer Print, CancellationToken Cancel);
