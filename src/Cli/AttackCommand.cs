using System.CommandLine;

namespace Callgate.Cli;

/// <summary><c>callgate attack</c>: what would get through. What is attacked is said by an option.</summary>
internal static class AttackCommand
{
    public static Command Make()
    {
        var policy = new AttackPolicyCommand();
        var command = new Command("attack", "Says which attacks of the database would get through a policy on a server's tools, and the smallest change that stops each.");
        policy.AddTo(command);
        command.SetAction((parsed, ct) => policy.IsAsked(parsed)
            ? policy.RunAsync(parsed, ct)
            : throw new CommandFault(ExitCode.Usage, "callgate: say what to attack: --policy FILE, with --server NAME or --tools FILE"));
        return command;
    }
}
