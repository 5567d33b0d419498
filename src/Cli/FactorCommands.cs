using System.CommandLine;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary><c>callgate operator factor-…</c>: second factors.</summary>
internal static class FactorCommands
{
    public static Command MakeOn(PasswordSource passwords) =>
        GateOptions.Personal("factor-on", "Sets up your second factor, or another device in its place: shows a secret, asks for its first code, and shows recovery codes.", [passwords.FromStdin], async call =>
        {
            var begun = await ProveAsync(call, passwords, "session/factor");
            var said = call.Parsed.InvocationConfiguration.Error;
            await said.WriteLineAsync($"Put this secret into your device (by time, SHA-1, six digits, 30 s); it is shown only now:\n  {Printer.Text(begun, "secret")}\n  {Printer.Text(begun, "address")}");
            var on = await call.Gate.PutAsync("session/factor", new { code = passwords.AskForCode(call.Parsed) }, call.Cancel);
            return call.Print.Answer(on, shown =>
            {
                call.Print.Line("your second factor is on; each of these signs you in once without the device, and they are shown only now:");
                foreach (var code in shown.GetProperty("recovery_codes").EnumerateArray())
                {
                    call.Print.Line("  " + code.GetString());
                }
            });
        });

    public static Command MakeOff(PasswordSource passwords) => GateOptions.Personal("factor-off", "Turns your second factor off.", [passwords.FromStdin], async call =>
        call.Print.Answer(await ProveAsync(call, passwords, "session/factor/off"), off => call.Print.Line($"the second factor of {Printer.Text(off, "name")} is off")));

    public static Command MakeReset(Argument<string> name) =>
        GateOptions.Command("factor-reset", "Turns off the second factor of an operator whose device is lost, and ends every session.", [name], async call =>
            call.Print.Answer(
                await call.Gate.DeleteAsync($"operators/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(name))}/factor", call.Cancel),
                reset => call.Print.Line($"operator {Printer.Text(reset, "name")} signs in by password alone")));

    /// <summary>The password, and the code where there is a second factor.</summary>
    private static Task<JsonElement> ProveAsync(GateCall call, PasswordSource passwords, string path)
    {
        var current = passwords.Ask(call.Parsed, "your password: ");
        return LoginCommands.WithCodeAsync(code => call.Gate.PostAsync(path, code is null ? new { current } : (object)new { current, code }, call.Cancel), () => passwords.AskForCode(call.Parsed));
    }
}
