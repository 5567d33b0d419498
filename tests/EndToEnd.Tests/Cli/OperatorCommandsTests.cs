using System.Runtime.Versioning;
using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>Operators on the command line, and the session that other commands act under.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OperatorCommandsTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly string folder = Directory.CreateTempSubdirectory("callgate-operators-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Operator_AddedChangedAndRemoved_IsListedWithoutAPassword()
    {
        var (gate, _, _) = await ServedGate.StartAsync(Path.Combine(folder, "data"));
        await using var running = gate!;

        var made = await running.RunAsync("operator", "add", "ada", "--role", "viewer", "--role", "approver", "--identity", "ada@example.com");
        var given = await CommandRun.WithInputAsync(Password + "\n", "operator", "add", "bob", "--role", "administrator", "--password-stdin", "--data", running.Data);
        var twice = await running.RunAsync("operator", "add", "ada", "--role", "viewer");
        var list = await running.RunAsync("operator", "list");
        var changed = await running.JsonAsync("operator", "change", "ada", "--role", "policy_manager");
        var password = await running.JsonAsync("operator", "password", "ada");
        var unlocked = await running.RunAsync("operator", "unlock", "ada");
        var removed = await running.RunAsync("operator", "remove", "ada");

        Assert.Equal((0, 0, 1, 0, 0), (made.Code, given.Code, twice.Code, unlocked.Code, removed.Code));
        Assert.Matches("^operator ada: viewer, approver\n[2-9a-z]{24}\nThis password is shown only now; the gate keeps no copy.\n$", made.Out);
        Assert.Equal("operator bob: administrator\n", given.Out);
        Assert.Equal("callgate: there is already an operator `ada`\n", twice.Error);
        Assert.Matches("^NAME  ROLES             IDENTITY         CREATED\nada   viewer, approver  ada@example.com  2", list.Out);
        Assert.Equal("""["policy_manager"]""", changed.GetProperty("roles").GetRawText());
        Assert.Equal(24, password.GetProperty("password").GetString()!.Length);
        Assert.Equal("operator ada is removed\n", removed.Out);
    }

    [Fact]
    public async Task Operator_Invited_IsShownALinkOnce()
    {
        var (gate, _, _) = await ServedGate.StartAsync(Path.Combine(folder, "data"));
        await using var running = gate!;

        var invited = await running.RunAsync("operator", "invite", "ada", "--role", "viewer");
        var again = await running.JsonAsync("operator", "invite", "ada");
        var unknown = await running.RunAsync("operator", "invite", "eve");
        var sessions = await running.RunAsync("operator", "sessions");
        var none = await running.RunAsync("operator", "end-session", "0123456789abcdef");

        Assert.Matches("^operator ada: viewer\nhttp://127.0.0.1:[0-9]+/welcome/[A-Za-z0-9_-]{43}\nThis link works once, until 2.*; the gate keeps no copy.\n$", invited.Out);
        Assert.DoesNotContain(again.GetProperty("link").GetString()!, invited.Out, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), (unknown.Code, sessions.Code, none.Code));
        Assert.Equal("nobody is signed in\n", sessions.Out);
        Assert.Equal("callgate: there is no session `0123456789abcdef`\n", none.Error);
    }

    [Fact]
    public async Task Login_ThenOtherCommands_ActUnderTheNameUntilLogout()
    {
        await using var gate = await GateProcess.ServeAsync(Path.Combine(folder, "data"), ["--listen", "http://127.0.0.1:0"]);
        var user = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = Path.Combine(folder, "home"), ["CALLGATE_URL"] = gate.Root.ToString(), ["CALLGATE_TOKEN"] = "" };
        await GateProcess.RunWithAsync(null, Password + "\n", "operator", "add", "ada", "--role", "policy_manager", "--password-stdin", "--data", gate.DataDirectory);
        var policy = Path.Combine(folder, "p.json");
        await File.WriteAllTextAsync(policy, """{"version":"1","default":"deny"}""");

        var before = await GateProcess.RunWithAsync(user, null, "policy", "add", "mine", policy);
        var wrong = await GateProcess.RunWithAsync(user, "wrong wrong wrong\n", "login", "ada", "--password-stdin");
        var login = await GateProcess.RunWithAsync(user, Password + "\n", "login", "ada", "--password-stdin", "--json");
        var added = await GateProcess.RunWithAsync(user, null, "policy", "add", "mine", policy);
        var stop = await GateProcess.RunWithAsync(user, null, "stop", "--all");
        var file = Path.Combine(folder, "home", "callgate", "sessions.json");
        var (kept, mode) = (JsonElement.Parse(await File.ReadAllTextAsync(file)), File.GetUnixFileMode(file));
        var logout = await GateProcess.RunWithAsync(user, null, "logout");
        var after = await GateProcess.RunWithAsync(user, null, "policy", "list");
        var search = await GateProcess.RunWithAsync(null, null, "audit", "search", "--method", "operator/policy-put", "--json", "--data", gate.DataDirectory);

        Assert.Equal((2, 1, 0, 0, 1, 0, 2), (before.ExitCode, wrong.ExitCode, login.ExitCode, added.ExitCode, stop.ExitCode, logout.ExitCode, after.ExitCode));
        Assert.Contains("use `callgate login`", before.Errors, StringComparison.Ordinal);
        Assert.Equal("callgate: the name or the password is wrong\n", wrong.Errors);
        Assert.Equal("""["policy_manager"]""", JsonElement.Parse(login.Output).GetProperty("roles").GetRawText());
        Assert.DoesNotContain("cgs_", login.Output, StringComparison.Ordinal);
        Assert.Equal("callgate: this needs the role `administrator`; `ada` has `policy_manager`\n", stop.Errors);
        Assert.StartsWith("cgs_", Assert.Single(kept.EnumerateObject()).Value.GetProperty("token").GetString(), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.Equal("signed out ada\n", logout.Output);
        Assert.DoesNotContain("cgs_", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal("ada", JsonElement.Parse(search.Output).GetProperty("identity").GetString());
    }

    [Fact]
    public async Task Login_WithASecondFactor_AsksForItsCode()
    {
        await using var gate = await GateProcess.ServeAsync(Path.Combine(folder, "data"), ["--listen", "http://127.0.0.1:0"]);
        var user = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = Path.Combine(folder, "home"), ["CALLGATE_URL"] = gate.Root.ToString(), ["CALLGATE_TOKEN"] = "" };
        await GateProcess.RunWithAsync(null, Password + "\n", "operator", "add", "ada", "--role", "viewer", "--password-stdin", "--data", gate.DataDirectory);
        await GateProcess.RunWithAsync(user, Password + "\n", "login", "ada", "--password-stdin");

        var (begun, codes) = await SetUpAsync(gate, user);
        var without = await GateProcess.RunWithAsync(user, Password + "\n", "login", "ada", "--password-stdin");
        var login = await GateProcess.RunWithAsync(user, $"{Password}\n{codes[0]}\n", "login", "ada", "--password-stdin");
        var wrong = await GateProcess.RunWithAsync(user, $"{Password}\n{codes[0]}\n", "operator", "factor-off", "--password-stdin");
        var off = await GateProcess.RunWithAsync(user, $"{Password}\n{codes[1]}\n", "operator", "factor-off", "--password-stdin");
        var reset = await GateProcess.RunWithAsync(null, null, "operator", "factor-reset", "ada", "--data", gate.DataDirectory);
        var plain = await GateProcess.RunWithAsync(user, Password + "\n", "login", "ada", "--password-stdin");

        Assert.Matches("^[A-Z2-7]{32}$", begun);
        Assert.Equal((2, 0, 1, 0, 0, 0), (without.ExitCode, login.ExitCode, wrong.ExitCode, off.ExitCode, reset.ExitCode, plain.ExitCode));
        Assert.Contains("the code of the second factor is needed too", without.Errors, StringComparison.Ordinal);
        Assert.Equal("the second factor of ada is off\n", off.Output);
    }

    /// <summary>By the API, whose answer a command in the middle would have to be read off.</summary>
    private static async Task<(string Secret, List<string> Codes)> SetUpAsync(GateProcess gate, Dictionary<string, string> user)
    {
        var kept = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(user["XDG_CONFIG_HOME"], "callgate", "sessions.json")));
        using var http = new HttpClient { BaseAddress = gate.Root };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Assert.Single(kept.EnumerateObject()).Value.GetProperty("token").GetString());
        using var begun = await http.PostAsync("api/v1/session/factor", new StringContent(JsonSerializer.Serialize(new { current = Password }), System.Text.Encoding.UTF8, "application/json"));
        var secret = JsonElement.Parse(await begun.Content.ReadAsStringAsync()).GetProperty("secret").GetString()!;
        var bits = string.Concat(secret.Select(static c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var bytes = bits.Chunk(8).Select(static part => Convert.ToByte(new string(part), 2)).ToArray();
        var code = Gateway.Operators.TimeCodes.CodeAt(bytes, Gateway.Operators.TimeCodes.StepAt(TimeProvider.System.GetUtcNow()));
        using var on = await http.PutAsync("api/v1/session/factor", new StringContent(JsonSerializer.Serialize(new { code }), System.Text.Encoding.UTF8, "application/json"));
        return (secret, [.. JsonElement.Parse(await on.Content.ReadAsStringAsync()).GetProperty("recovery_codes").EnumerateArray().Select(static one => one.GetString()!)]);
    }
}
