using System.CommandLine;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary>Where a command learns what tools a server has: from the gate that stands before it, or from a file.</summary>
internal sealed class ToolSource
{
    private readonly Option<string?> server = new("--server") { Description = "Ask the gate for the reviewed tools of this server.", HelpName = "NAME" };
    private readonly Option<string?> file = new("--tools") { Description = "Take the tools from a file: an answer to tools/list, or what `server tools --json` prints.", HelpName = "FILE" };

    public Option<string?> Server => server;

    public void AddTo(Command command)
    {
        command.Add(server);
        command.Add(file);
    }

    /// <summary>Null when neither is given.</summary>
    public async Task<IReadOnlyList<OfferedTool>?> ReadAsync(ParseResult parsed, GateOptions gate, CancellationToken ct)
    {
        var (name, path) = (parsed.GetValue(server), parsed.GetValue(file));
        if (name is not null && path is not null)
        {
            throw new CommandFault(ExitCode.Usage, "callgate: give --server or --tools, not both");
        }

        if (path is not null)
        {
            return PolicyFiles.Tools(path);
        }

        if (name is null)
        {
            return null;
        }

        using var client = gate.Connect(parsed);
        var answer = await client.GetAsync($"servers/{Uri.EscapeDataString(name)}/tools", ct);
        var tools = OfferedTool.ReadList(answer) ?? [];
        return tools.Count > 0
            ? tools
            : throw new CommandFault(ExitCode.Failed, $"callgate: no tool of `{name}` is reviewed; see `callgate server tools {name}`");
    }
}
