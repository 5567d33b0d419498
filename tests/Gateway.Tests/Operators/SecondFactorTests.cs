using System.Net;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Admin;
using Callgate.Gateway.Tests.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Second factors through the API: set up, asked for, used once, locked, recovered and reset.</summary>
public sealed class SecondFactorTests
{
    private const string Name = "ada";
    private const string Password = "correct horse battery";

    private readonly HandTime time = new();

    [Fact]
    public async Task Factor_SetUp_IsAskedForBesideThePasswordAndTakenOnce()
    {
        await using var host = await AdminHost.StartAsync(time);
        var (secret, _) = await SetUpAsync(host);

        var without = await SignInAsync(host, null);
        var used = await SignInAsync(host, CodeAt(secret));
        time.Move(TimeSpan.FromSeconds(30));
        var next = await SignInAsync(host, CodeAt(secret));
        var replayed = await SignInAsync(host, CodeAt(secret));
        time.Move(TimeSpan.FromSeconds(60));
        var spaced = await SignInAsync(host, CodeAt(secret).Insert(3, " "));

        Assert.Equal((HttpStatusCode.Unauthorized, "operator.code_needed"), (without.Status, ErrorOf(without.Body)));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Created, HttpStatusCode.Unauthorized, HttpStatusCode.Created), (used.Status, next.Status, replayed.Status, spaced.Status));
        Assert.Contains("page, second factor", (await PageSignInAsync(host, secret)).Detail, StringComparison.Ordinal);
        Assert.Contains("operator/factor-on", host.JournalText(), StringComparison.Ordinal);
        Assert.Contains("wrong code", host.JournalText(), StringComparison.Ordinal);
        var listed = (await host.OkAsync(HttpMethod.Get, "operators")).GetProperty("operators").EnumerateArray().Single(static person => person.GetProperty("name").GetString() == Name);
        Assert.Equal(JsonValueKind.String, listed.GetProperty("second_factor").ValueKind);
    }

    [Fact]
    public async Task Code_UsedBeforeARestart_IsNotTakenAfterIt()
    {
        await using var host = await AdminHost.StartAsync(time);
        var (secret, codes) = await SetUpAsync(host);
        time.Move(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.Created, (await SignInAsync(host, CodeAt(secret))).Status);
        Assert.Equal(HttpStatusCode.Created, (await SignInAsync(host, codes[0])).Status);

        // What a start makes anew, over the store as it lies there.
        var after = new Factors(host.Parts.Store, host.Parts.Configurator, host.Parts.Journal, time);

        Assert.Null(await after.UseAsync(Name, CodeAt(secret)));
        Assert.Null(await after.UseAsync(Name, codes[0]));
        time.Move(TimeSpan.FromSeconds(30));
        Assert.Equal("second factor", await after.UseAsync(Name, CodeAt(secret)));
        Assert.Equal("recovery code, 8 left", await after.UseAsync(Name, codes[1].ToUpperInvariant().Replace('-', ' ')));
    }

    [Fact]
    public async Task Code_GivenManyTimesAtOnce_IsTakenOnce()
    {
        await using var host = await AdminHost.StartAsync(time);
        var (secret, _) = await SetUpAsync(host);
        time.Move(TimeSpan.FromSeconds(30));
        var factors = new Factors(host.Parts.Store, host.Parts.Configurator, host.Parts.Journal, time);

        var uses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ => await factors.UseAsync(Name, CodeAt(secret))));

        Assert.Single(uses, static use => use is not null);
    }

    [Fact]
    public async Task Codes_Guessed_LockTheNameThoughThePasswordIsRight()
    {
        await using var host = await AdminHost.StartAsync(time);
        var (secret, _) = await SetUpAsync(host);
        time.Move(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SignInAsync(host, Wrong(secret))).Status);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await SignInAsync(host, CodeAt(secret))).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SignInAsync(host, null)).Status);
        time.Move(TimeSpan.FromSeconds(15));
        Assert.Equal(HttpStatusCode.Created, (await SignInAsync(host, CodeAt(secret))).Status);
    }

    [Fact]
    public async Task Factor_ChangedByAnOpenSession_NeedsPasswordAndCode()
    {
        await using var host = await AdminHost.StartAsync(time);
        var (secret, _) = await SetUpAsync(host);
        var session = AdminHost.Bearer(await host.SignedInAsync(Name, Roles.Viewer));
        time.Move(TimeSpan.FromSeconds(30));

        var password = await host.SendAsync(session, HttpMethod.Post, "session/factor/off", new { current = "wrong wrong wrong", code = CodeAt(secret) });
        var code = await host.SendAsync(session, HttpMethod.Post, "session/factor/off", new { current = Password });
        var begin = await host.SendAsync(session, HttpMethod.Post, "session/factor", new { current = Password, code = Wrong(secret) });
        var off = await host.SendAsync(session, HttpMethod.Post, "session/factor/off", new { current = Password, code = CodeAt(secret) });

        Assert.Equal(("request.invalid", "operator.code_needed", "operator.code_needed", HttpStatusCode.OK), (ErrorOf(password.Body), ErrorOf(code.Body), ErrorOf(begin.Body), off.Status));
        Assert.Equal(HttpStatusCode.Created, (await SignInAsync(host, null)).Status);
        Assert.Contains("operator/factor-off", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Factor_ConfirmedWronglyOrTooLate_IsNotOn()
    {
        await using var host = await AdminHost.StartAsync(time);
        await OperatorsApiTests.AddAsync(host, Name, "viewer");
        var session = AdminHost.Bearer(await host.SignedInAsync(Name, Roles.Viewer));
        var none = await host.SendAsync(session, HttpMethod.Put, "session/factor", new { code = "000000" });
        var begun = await host.SendAsync(session, HttpMethod.Post, "session/factor", new { current = Password });
        var secret = Bytes(begun.Body.GetProperty("secret").GetString()!);
        var wrong = await host.SendAsync(session, HttpMethod.Put, "session/factor", new { code = Wrong(secret) });
        time.Move(TimeSpan.FromMinutes(10));
        var late = await host.SendAsync(session, HttpMethod.Put, "session/factor", new { code = CodeAt(secret) });

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.BadRequest, HttpStatusCode.Conflict), (none.Status, wrong.Status, late.Status));
        Assert.Null(host.Parts.Operators.Find(Name)!.FactorSince);
    }

    /// <summary>What was begun when no code was needed must not take the place of a device that came since.</summary>
    [Fact]
    public async Task Factor_ConfirmedOverAnotherThatCameMeanwhile_IsRefused()
    {
        await using var host = await AdminHost.StartAsync(time);
        await OperatorsApiTests.AddAsync(host, Name, "viewer");
        var session = AdminHost.Bearer(await host.SignedInAsync(Name, Roles.Viewer));
        var begun = await host.SendAsync(session, HttpMethod.Post, "session/factor", new { current = Password });
        await host.Parts.Store.SaveFactorAsync(Name, new SecondFactor([7], 0, time.GetUtcNow()), []);
        await host.Parts.Configurator.ReloadAsync(CancellationToken.None);

        var confirmed = await host.SendAsync(session, HttpMethod.Put, "session/factor", new { code = CodeAt(Bytes(begun.Body.GetProperty("secret").GetString()!)) });

        Assert.Equal(HttpStatusCode.Conflict, confirmed.Status);
        Assert.Equal([7], (await host.Parts.Store.FindFactorAsync(Name))!.Secret);
    }

    [Fact]
    public async Task Factor_ResetByAnAdministrator_IsOffAndEverySessionEnds()
    {
        await using var host = await AdminHost.StartAsync(time);
        await SetUpAsync(host);
        var session = await host.SignedInAsync(Name, Roles.Viewer);
        var root = await host.SignedInAsync("root", Roles.Administrator);

        var (status, body, _) = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Delete, $"operators/{Name}/factor");

        Assert.Equal((HttpStatusCode.OK, JsonValueKind.Null), (status, body.GetProperty("second_factor").ValueKind));
        Assert.Null(host.Parts.Sessions.Find(session, SessionKind.Cli));
        Assert.Equal(HttpStatusCode.Created, (await SignInAsync(host, null)).Status);
        Assert.Contains(host.JournalText().Split('\n'), static line => line.Contains("operator/factor-reset", StringComparison.Ordinal) && line.Contains("\"root\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_OfAFactor_LieNowhereInTheClear()
    {
        await using var host = await AdminHost.StartAsync(time);
        var (secret, codes) = await SetUpAsync(host);
        await SignInAsync(host, codes[3]);
        await SignInAsync(host, "2222-3333-4444-5555");
        await host.OkAsync(HttpMethod.Post, "backups", null, HttpStatusCode.Created);

        string[] hidden = [TimeCodes.Base32(secret), Encoding.Latin1.GetString(secret), codes[3], codes[4], codes[4].Replace("-", "", StringComparison.Ordinal), "2222-3333-4444-5555"];
        foreach (var file in Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetExtension(file) != ".lock"))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.Latin1);
            var text = await reader.ReadToEndAsync();
            Assert.All(hidden, one => Assert.DoesNotContain(one, text, StringComparison.Ordinal));
        }
    }

    private static string? ErrorOf(JsonElement body) => body.GetProperty("error").GetProperty("code").GetString();

    private string CodeAt(byte[] secret) => TimeCodes.CodeAt(secret, TimeCodes.StepAt(time.GetUtcNow()));

    /// <summary>A code of none of the steps that are taken now.</summary>
    private string Wrong(byte[] secret) =>
        Enumerable.Range(0, 5).Select(static i => i.ToString("D6", System.Globalization.CultureInfo.InvariantCulture)).First(code => TimeCodes.Match(secret, code, time.GetUtcNow(), -1) is null);

    private static byte[] Bytes(string base32)
    {
        var bits = string.Concat(base32.Select(static c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(static part => part.Length == 8).Select(static part => Convert.ToByte(new string(part), 2))];
    }

    private async Task<(byte[] Secret, List<string> Codes)> SetUpAsync(AdminHost host)
    {
        await OperatorsApiTests.AddAsync(host, Name, "viewer");
        var session = AdminHost.Bearer(await host.SignedInAsync(Name, Roles.Viewer));
        var begun = await host.SendAsync(session, HttpMethod.Post, "session/factor", new { current = Password });
        Assert.StartsWith("otpauth://totp/Callgate%20gate.example.com:ada?secret=", begun.Body.GetProperty("address").GetString(), StringComparison.Ordinal);
        var secret = Bytes(begun.Body.GetProperty("secret").GetString()!);
        var on = await host.SendAsync(session, HttpMethod.Put, "session/factor", new { code = CodeAt(secret) });
        var codes = on.Body.GetProperty("recovery_codes").EnumerateArray().Select(static code => code.GetString()!).ToList();
        Assert.Equal((HttpStatusCode.OK, 10), (on.Status, codes.Distinct(StringComparer.Ordinal).Count()));
        return (secret, codes);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SignInAsync(AdminHost host, string? code)
    {
        var (status, body, _) = await host.SendAsync(AdminHost.Basic(Name, Password), HttpMethod.Post, "session", code is null ? null : new { code });
        return (status, body);
    }

    /// <summary>The two steps of pages; what the record says of it.</summary>
    private async Task<(string Detail, OperatorSession? Session)> PageSignInAsync(AdminHost host, byte[] secret)
    {
        time.Move(TimeSpan.FromSeconds(60));
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        var begun = await host.Parts.SignIn.BeginAsync(context, Name, Password, SessionKind.Page);
        Assert.Equal((SignInFault.Code, null), (begun.Fault, begun.Token));
        Assert.Equal(SignInFault.WrongCode, (await host.Parts.SignIn.ContinueAsync(context, begun.Begun!, Wrong(secret))).Fault);
        Assert.Equal(SignInFault.Ended, (await host.Parts.SignIn.ContinueAsync(context, begun.Begun + "x", CodeAt(secret))).Fault);
        var done = await host.Parts.SignIn.ContinueAsync(context, begun.Begun!, CodeAt(secret));
        Assert.Equal(SignInFault.Ended, (await host.Parts.SignIn.ContinueAsync(context, begun.Begun!, CodeAt(secret))).Fault);
        return (host.JournalText(), done.Session);
    }
}
