using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Operators;

namespace Callgate.Cli;

/// <summary><c>callgate operator …</c>.</summary>
internal static class OperatorCommands
{
    public static Command Make(TextReader? input) => new("operator", "Operators: who may sign in, and what each may do.")
    {
        Add(new PasswordSource(input)), Invite(), List(), Change(), Password(new PasswordSource(input)), Unlock(), Remove(), Sessions(), EndSession(),
        FactorCommands.MakeOn(new PasswordSource(input)), FactorCommands.MakeOff(new PasswordSource(input)), FactorCommands.MakeReset(Name()),
    };

    private static Command Add(PasswordSource passwords)
    {
        var (name, roles, identity) = (Name(), RoleOption(), Identity());
        return GateOptions.Command("add", "Adds an operator. Without a password one is made and shown, once.", [name, roles, identity, passwords.FromStdin], async call =>
        {
            var parsed = call.Parsed;
            var body = new
            {
                name = parsed.GetRequiredValue(name),
                roles = parsed.GetRequiredValue(roles),
                identity = parsed.GetValue(identity),
                password = passwords.AskForNew(parsed),
            };
            return call.Print.Answer(await call.Gate.PostAsync("operators", body, call.Cancel), answer => ShowPassword(call, answer));
        });
    }

    private static Command Invite()
    {
        var (name, roles, identity) = (Name(), RoleOption(), Identity());
        (roles.Required, roles.Description) = (false, roles.Description + " None for an operator that there is, who sets another password.");
        return GateOptions.Command("invite", "Makes a link, shown once, with which a person chooses a password.", [name, roles, identity], async call =>
        {
            var body = new { roles = call.Parsed.GetValue(roles), identity = call.Parsed.GetValue(identity) };
            return call.Print.Answer(await call.Gate.PostAsync(Path(call, name) + "/invitation", body, call.Cancel), invited =>
            {
                call.Print.Line(Sentence(invited));
                call.Print.Line(Printer.Text(invited, "link"));
                call.Print.Line($"This link works once, until {Printer.Text(invited, "expires")}; the gate keeps no copy.");
            });
        });
    }

    private static Command List() => GateOptions.Command("list", "Lists the operators.", [], async call =>
        call.Print.Answer(await call.Gate.GetAsync("operators", call.Cancel), answer => call.Print.Table(
            ["NAME", "ROLES", "IDENTITY", "CREATED"],
            answer.GetProperty("operators").EnumerateArray().Select(static person => (IReadOnlyList<string>)
                [Printer.Text(person, "name"), Printer.Text(person, "roles"), Printer.Text(person, "identity"), Printer.Text(person, "created")]),
            "no operators; add one with `callgate operator add NAME --role ROLE`")));

    private static Command Change()
    {
        var (name, roles, identity) = (Name(), RoleOption(), Identity());
        return GateOptions.Command("change", "Gives an operator these roles and this identity, in place of the ones before.", [name, roles, identity], async call =>
            call.Print.Answer(
                await call.Gate.PutAsync(Path(call, name), new { roles = call.Parsed.GetRequiredValue(roles), identity = call.Parsed.GetValue(identity) }, call.Cancel),
                changed => call.Print.Line(Sentence(changed))));
    }

    private static Command Password(PasswordSource passwords)
    {
        var name = Name();
        return GateOptions.Command("password", "Sets a password and ends the operator's sessions. On standard input a second line is the one that holds now.", [name, passwords.FromStdin], async call =>
        {
            var password = passwords.AskForNew(call.Parsed);
            var answer = await call.Gate.PutAsync(Path(call, name) + "/password", new { password, current = passwords.AskForCurrent(call.Parsed) }, call.Cancel);
            return call.Print.Answer(answer, changed => ShowPassword(call, changed));
        });
    }

    private static Command Unlock()
    {
        var name = Name();
        return GateOptions.Command("unlock", "Lets an operator sign in who was locked after failed sign-ins.", [name], async call =>
            call.Print.Answer(
                await call.Gate.DeleteAsync(Path(call, name) + "/lock", call.Cancel),
                unlocked => call.Print.Line($"operator {Printer.Text(unlocked, "name")} may sign in again")));
    }

    private static Command Remove()
    {
        var name = Name();
        return GateOptions.Command("remove", "Removes an operator and ends every session at once.", [name], async call =>
            call.Print.Answer(
                await call.Gate.DeleteAsync(Path(call, name), call.Cancel),
                removed => call.Print.Line($"operator {Printer.Text(removed, "name")} is removed")));
    }

    private static Command Sessions() => GateOptions.Command("sessions", "Lists open sessions: one's own, for an administrator everybody's.", [], async call =>
        call.Print.Answer(await call.Gate.GetAsync("sessions", call.Cancel), answer => call.Print.Table(
            ["ID", "OPERATOR", "KIND", "FROM", "LAST USED", "EXPIRES"],
            answer.GetProperty("sessions").EnumerateArray().Select(static session => (IReadOnlyList<string>)
                [.. ((string[])["id", "operator", "kind", "address", "last_used", "expires"]).Select(member => Printer.Text(session, member))]),
            "nobody is signed in")));

    private static Command EndSession()
    {
        var id = new Argument<string>("id") { Description = "The session's id, from `operator sessions`." };
        return GateOptions.Command("end-session", "Ends a session at once: one's own, for an administrator anybody's.", [id], async call =>
            call.Print.Answer(
                await call.Gate.DeleteAsync($"sessions/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}", call.Cancel),
                ended => call.Print.Line($"the session {Printer.Text(ended, "id")} of {Printer.Text(ended, "operator")} has ended")));
    }

    private static Argument<string> Name() => new("name") { Description = "The operator's name." };

    private static Option<string[]> RoleOption() =>
        new("--role") { Description = $"What the operator may do: {string.Join(", ", RoleText.All)}. Repeat it for several.", HelpName = "ROLE", Required = true };

    private static Option<string?> Identity() => new("--identity") { Description = "The identity of grants that work for this person, such as an e-mail address.", HelpName = "WHO" };

    private static string Path(GateCall call, Argument<string> name) => $"operators/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(name))}";

    private static string Sentence(JsonElement person) => $"operator {Printer.Text(person, "name")}: {Printer.Text(person, "roles")}";

    private static void ShowPassword(GateCall call, JsonElement person)
    {
        call.Print.Line(Sentence(person));
        if (person.GetProperty("password") is { ValueKind: JsonValueKind.String } made)
        {
            call.Print.Line(made.GetString()!);
            call.Print.Line("This password is shown only now; the gate keeps no copy.");
        }
    }
}
