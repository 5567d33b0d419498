using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Admin;

namespace Callgate.Cli;

/// <summary><c>callgate login</c> and <c>callgate logout</c>.</summary>
internal static class LoginCommands
{
    public static Command MakeLogin(PasswordSource passwords)
    {
        var name = new Argument<string>("name") { Description = "The operator's name." };
        var gate = new GateOptions();
        var command = gate.AddAddressTo(new Command("login", "Signs an operator in; other commands then act under that name.") { name, passwords.FromStdin });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (who, address) = (parsed.GetRequiredValue(name), gate.Address(parsed));
            var password = passwords.Ask(parsed, $"password of {who} at {address}: ");
            using var client = new GateClient(address, Basic(who, password));
            var begun = await WithCodeAsync(code => client.PostAsync("session", code is null ? null : new { code }, cancellationToken), () => passwords.AskForCode(parsed));
            SessionFile.Keep(address, new KeptSession(Printer.Text(begun, "name"), Printer.Text(begun, "token"), begun.GetProperty("expires").GetDateTimeOffset()));

            // The token stays in its file: output is read by others and kept in logs.
            var shown = JsonSerializer.SerializeToElement(new { name = Printer.Text(begun, "name"), roles = begun.GetProperty("roles"), expires = begun.GetProperty("expires") });
            return new Printer(parsed.InvocationConfiguration.Output, gate.Json(parsed)).Answer(
                shown, answer => Say(parsed, $"signed in as {Printer.Text(answer, "name")} ({Printer.Text(answer, "roles")}) until {Printer.Text(answer, "expires")}"));
        });
        return command;
    }

    public static Command MakeLogout()
    {
        var gate = new GateOptions();
        var command = gate.AddAddressTo(new Command("logout", "Ends the session that `callgate login` began."));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = gate.Address(parsed);
            var session = SessionFile.Forget(address) ?? throw new CommandFault(ExitCode.Failed, $"callgate: nobody is signed in at {address}");
            using var client = new GateClient(address, session.Token);
            var ended = await client.DeleteAsync("session", cancellationToken);
            return new Printer(parsed.InvocationConfiguration.Output, gate.Json(parsed)).Answer(ended, _ => Say(parsed, $"signed out {session.Name}"));
        });
        return command;
    }

    /// <summary>Asks for the code of a second factor where the gate says that there is one.</summary>
    public static async Task<JsonElement> WithCodeAsync(Func<string?, Task<JsonElement>> send, Func<string> ask)
    {
        try
        {
            return await send(null);
        }
        catch (CommandFault refused) when (refused.Refusal == AdminCodes.CodeNeeded)
        {
            return await send(ask());
        }
    }

    private static void Say(ParseResult parsed, string text) => parsed.InvocationConfiguration.Output.WriteLine(text);

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        name.Contains(':', StringComparison.Ordinal)
            ? throw new CommandFault(ExitCode.Usage, "callgate: an operator's name holds no `:`")
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
}
