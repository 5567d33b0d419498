using System.CommandLine;
using Callgate.Attacks.Upstreams;

namespace Callgate.Cli;

/// <summary><c>callgate attack</c>: attacks on a gate, or on a policy. What is attacked is said by an option.</summary>
internal static class AttackCommand
{
    public static Command Make()
    {
        var gate = new GateOptions();
        var policy = new AttackPolicyCommand(gate);
        var run = new AttackRunCommand(gate);
        var command = new Command("attack", "Attacks a gate over the wire, or says which attacks of the database would get through a policy and the smallest change that stops each.");
        run.AddTo(command);
        policy.AddTo(command);
        command.Add(Upstream());
        command.SetAction((parsed, ct) => (policy.IsAsked(parsed), run.IsAsked(parsed)) switch
        {
            (true, false) => policy.RunAsync(parsed, ct),
            (false, true) => run.RunAsync(parsed, ct),
            _ => throw new CommandFault(ExitCode.Usage, "callgate: say what to attack, one of three: --self, the URL of a gate of your own with --token, or --policy FILE with --server NAME or --tools FILE"),
        });
        return command;
    }

    /// <summary>The other side of attacks over stdio: started by the gate under attack, never by people.</summary>
    private static Command Upstream()
    {
        var script = new Argument<string>("script") { Description = "What it offers and answers." };
        var log = new Argument<string>("log") { Description = "Where it notes what it saw." };
        var rest = new Argument<string[]>("rest") { Description = "Nothing that it looks at." };
        var command = new Command("upstream", "A scripted server on standard input and output, for the suite itself.") { script, log, rest };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await PipedUpstream.RunAsync(parsed.GetRequiredValue(script), parsed.GetRequiredValue(log), Console.In, Console.Out, cancellationToken);
            return ExitCode.Fine;
        });
        return command;
    }
}
