using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

public sealed class StdioPipeTests
{
    private static readonly StdioOptions Hasty = new() { CloseGrace = TimeSpan.FromMilliseconds(300), TermGrace = TimeSpan.FromMilliseconds(500) };

    [Fact]
    public async Task Message_Sent_IsAnswered()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        var answer = await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":[1,2]}}""");

        Assert.Equal("""{"id":1,"params":{"a":[1,2]}}""", answer.GetProperty("result").GetRawText());
    }

    [Fact]
    public async Task Noise_OnStdout_IsSkippedAndCounted()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        var answer = await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"emit","params":{"lines":["No X display available.","","[]","  {\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":{}}"]}}""");

        Assert.Equal(1, answer.GetProperty("id").GetInt32());
        Assert.Equal(3, pipe.NoiseLines);
    }

    [Fact]
    public async Task Line_Of580Kilobytes_ArrivesWhole()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        var answer = await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"long","params":{"bytes":580875}}""");

        Assert.Equal(580875, answer.GetProperty("result").GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public async Task Line_OverTheBound_EndsTheChildAsInvalid()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = ScriptedServer.Definition("--ignore-close", "--ignore-term");
        await using var pipe = await ScriptedServer.StartAsync(server, isolation, new StdioOptions { MaxMessageBytes = 100_000 });

        await SendAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"long","params":{"bytes":100000}}""");

        Assert.Null(await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience));
        Assert.Equal(UpstreamFaultKind.Invalid, pipe.EndKind);
        Assert.Contains("longer than 100000 bytes, exit code 137", pipe.EndDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stderr_Flooded_KeepsTheEndOnly()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"stderr","params":{"text":"begin","bytes":3000000}}""");
        await AskAsync(pipe, """{"jsonrpc":"2.0","id":2,"method":"stderr","params":{"text":"\nlast words","bytes":3}}""");
        await EndOfAsync(pipe, """{"jsonrpc":"2.0","id":3,"method":"exit","params":{"code":3}}""");

        Assert.Equal(3_000_000 + 5 + 14, pipe.StderrBytes);
        Assert.Contains("exit code 3; stderr: e", pipe.EndDetail, StringComparison.Ordinal);
        Assert.EndsWith("\nlast wordseee", pipe.EndDetail, StringComparison.Ordinal);
        Assert.True(pipe.EndDetail.Length < 70_000);
    }

    [Fact]
    public async Task Stderr_WithASecretOfTheServer_DoesNotShowIt()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = ScriptedServer.Definition();
        server = server with { Environment = server.Environment.Add("API_TOKEN", "correct-horse-battery") };
        await using var pipe = await ScriptedServer.StartAsync(server, isolation);

        await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"stderr","params":{"text":"bad token correct-horse-battery given ","bytes":1}}""");
        await EndOfAsync(pipe, """{"jsonrpc":"2.0","id":2,"method":"exit","params":{"code":1}}""");

        Assert.EndsWith("bad token *** given e", pipe.EndDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_OfTheChild_HoldsNothingOfTheGateways()
    {
        Environment.SetEnvironmentVariable("CALLGATE_STDIO_TEST_SECRET", "do-not-pass");
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = ScriptedServer.Definition();
        server = server with { Environment = server.Environment.Add("GIVEN", "yes") };
        await using var pipe = await ScriptedServer.StartAsync(server, isolation);

        var answer = await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"environment"}""");
        var names = answer.GetProperty("result").EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal);

        // PWD is set by bubblewrap when it changes the directory.
        Assert.Equal(["DOTNET_EnableDiagnostics", "DOTNET_TieredPGO", "GIVEN", "HOME", "LANG", "PATH", "TMPDIR"], names.Where(name => name is not "PWD"));
    }

    [Fact]
    public async Task Argument_WithShellCharacters_StaysLiteral()
    {
        var proof = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = new ServerDefinition { Name = "printf", Transport = TransportKind.Stdio, Command = ["printf", "{%s}\n", $"$(touch {proof}); `touch {proof}` | touch {proof} && \"'"] };
        await using var pipe = await ScriptedServer.StartAsync(server, isolation);

        var line = await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience);

        Assert.Equal("{" + server.Command[2] + "}", Encoding.UTF8.GetString(line!.Value.Span));
        Assert.False(File.Exists(proof));
    }

    [Fact]
    public async Task DataFolder_InBubblewrap_LooksEmptyToTheChild()
    {
        var data = Directory.CreateTempSubdirectory("callgate-data-").FullName;
        var link = data + "-link";
        Directory.CreateSymbolicLink(link, data);
        await File.WriteAllTextAsync(Path.Combine(data, "operator.key"), "secret");
        using var isolation = await ScriptedServer.IsolationAsync(link);
        Assert.True(isolation.Sandboxed, "bubblewrap is needed for this test: install `bubblewrap`");
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        var direct = await AskAsync(pipe, $$$"""{"jsonrpc":"2.0","id":1,"method":"files","params":{"path":"{{{data}}}"}}""");
        var through = await AskAsync(pipe, $$$"""{"jsonrpc":"2.0","id":2,"method":"files","params":{"path":"/proc/{{{Environment.ProcessId}}}/root{{{data}}}"}}""");
        var beside = await AskAsync(pipe, $$$"""{"jsonrpc":"2.0","id":3,"method":"files","params":{"path":"{{{AppContext.BaseDirectory}}}"}}""");

        Assert.Equal(0, direct.GetProperty("result").GetProperty("files").GetArrayLength());
        Assert.Equal(0, through.GetProperty("result").GetProperty("files").GetArrayLength());
        Assert.NotEqual(0, beside.GetProperty("result").GetProperty("files").GetArrayLength());
        Assert.Contains("bubblewrap", isolation.Describe(), StringComparison.Ordinal);
        File.Delete(link);
        Directory.Delete(data, recursive: true);
    }

    /// <summary>In the second case the folder holds the child's own home as well, so that only the file is kept.</summary>
    [Theory]
    [InlineData("conf/careful.json", "home")]
    [InlineData("careful.json", "conf/home")]
    public async Task Configuration_InBubblewrap_CannotBeWrittenOrReplaced(string file, string home)
    {
        var root = Directory.CreateTempSubdirectory("callgate-kept-").FullName;
        var (policy, own, data) = (Path.Combine(root, file), Path.Combine(root, home), Path.Combine(root, "data"));
        Array.ForEach([Path.GetDirectoryName(policy)!, own, data], folder => Directory.CreateDirectory(folder));
        await File.WriteAllTextAsync(policy, "ours");
        using var isolation = await ChildIsolation.ProbeAsync(new ChildMounts([data], [policy]), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        Assert.True(isolation.Sandboxed, "bubblewrap is needed for this test: install `bubblewrap`");
        var attack = $"echo theirs > {policy}; echo theirs > {policy}.new; mv -f {policy}.new {policy}; rm -f {policy}; mv {Path.GetDirectoryName(policy)} {root}-away; mv {root} {root}-gone; echo x > $HOME/mine; echo '{{}}'; exec cat";
        var server = new ServerDefinition { Name = "hostile", Transport = TransportKind.Stdio, Command = ["sh", "-c", attack] };
        await using var pipe = await ScriptedServer.StartAsync(server, isolation, Hasty with { Home = own });

        Assert.NotNull(await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience));

        Assert.Equal("ours", await File.ReadAllTextAsync(policy));
        Assert.True(File.Exists(Path.Combine(own, "mine")));
        await pipe.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task Start_ThatThrows_LeavesTheStarterAlive()
    {
        using var isolation = ChildIsolation.None();

        var (process, reason) = await isolation.StartAsync(null!);
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        Assert.Null(process);
        Assert.NotEmpty(reason!);
        await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"echo"}""");
    }

    [Fact]
    public async Task Dispose_PoliteChild_EndsByClosedInput()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);
        await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"echo"}""");

        await pipe.DisposeAsync();

        Assert.Equal("stopped, exit code 0", pipe.EndDetail);
        Assert.False(Directory.Exists($"/proc/{pipe.ProcessId}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_ChildThatIgnoresItsInput_IsAskedToEnd(bool sandboxed)
    {
        var proof = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var isolation = sandboxed ? await ScriptedServer.IsolationAsync() : ChildIsolation.None();
        var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition("--ignore-close", "--say-term", proof), isolation, Hasty with { TermGrace = TimeSpan.FromSeconds(5) });
        await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"echo"}""");

        await pipe.DisposeAsync();

        Assert.Equal("asked to end", await File.ReadAllTextAsync(proof));
        Assert.False(Directory.Exists($"/proc/{pipe.ProcessId}"));
        File.Delete(proof);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_ChildThatIgnoresEverything_DiesWithItsGrandchild(bool sandboxed)
    {
        var tag = SleepTag();
        using var isolation = sandboxed ? await ScriptedServer.IsolationAsync() : ChildIsolation.None();
        var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition("--ignore-close", "--ignore-term", "--grandchild", tag), isolation, Hasty);
        await AskAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"echo"}""");
        Assert.True(Runs(tag));

        await pipe.DisposeAsync();

        Assert.Contains("exit code 137", pipe.EndDetail, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{pipe.ProcessId}"));
        Assert.False(Runs(tag));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exit_OfTheChild_TakesItsGrandchildAlong(bool sandboxed)
    {
        var tag = SleepTag();
        using var isolation = sandboxed ? await ScriptedServer.IsolationAsync() : ChildIsolation.None();
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition("--grandchild", tag), isolation);

        await EndOfAsync(pipe, """{"jsonrpc":"2.0","id":1,"method":"exit","params":{"code":4}}""");

        Assert.Equal("its output ended, exit code 4", pipe.EndDetail);
        Assert.False(Runs(tag));
    }

    [Fact]
    public async Task Dispose_InBubblewrap_ReachesADescendantThatLeftTheGroup()
    {
        var tag = SleepTag();
        using var isolation = await ScriptedServer.IsolationAsync();
        Assert.True(isolation.Sandboxed, "bubblewrap is needed for this test: install `bubblewrap`");
        var server = new ServerDefinition { Name = "daemon", Transport = TransportKind.Stdio, Command = ["sh", "-c", $"setsid -f sh -c 'echo \"{{}}\"; exec sleep {tag}'; exec cat"] };
        var pipe = await ScriptedServer.StartAsync(server, isolation);
        Assert.NotNull(await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience));
        Assert.True(Runs(tag));

        await pipe.DisposeAsync();

        Assert.False(Runs(tag));
    }

    [Fact]
    public async Task Receive_ByManyIdleChildren_HoldsNoThreads()
    {
        using var isolation = ChildIsolation.None();
        var server = new ServerDefinition { Name = "asleep", Transport = TransportKind.Stdio, Command = ["sleep", "3600"] };
        var pipes = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => ScriptedServer.StartAsync(server, isolation, Hasty with { CloseGrace = TimeSpan.Zero })));
        var before = ThreadPool.ThreadCount;
        var receives = pipes.Select(pipe => pipe.ReceiveAsync(default).AsTask()).ToList();

        Assert.All(receives, receive => Assert.False(receive.IsCompleted));
        Assert.True(ThreadPool.ThreadCount < before + 12, "reading blocks threads");
        await Task.WhenAll(pipes.Select(pipe => pipe.DisposeAsync().AsTask()));
        Assert.All(await Task.WhenAll(receives), line => Assert.Null(line));
    }

    [Fact]
    public async Task Start_ProgramMissing_EndsAtOnceAndSaysWhy()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = new ServerDefinition { Name = "missing", Transport = TransportKind.Stdio, Command = ["/no/such/program"] };
        await using var pipe = await ScriptedServer.StartAsync(server, isolation);

        Assert.Null(await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience));
        Assert.Contains("/no/such/program", pipe.EndDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_MessageWithALineFeed_IsRefused()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        await using var pipe = await ScriptedServer.StartAsync(ScriptedServer.Definition(), isolation);

        var fault = await pipe.SendAsync("{\"jsonrpc\":\"2.0\",\n\"id\":1,\"method\":\"echo\"}"u8.ToArray(), default);

        Assert.Equal(UpstreamFaultKind.Invalid, fault!.Kind);
        Assert.True(fault.NothingSent);
    }

    [Fact]
    public async Task Send_ToAChildThatHasClosedItsInput_SaysItsLastWords()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = new ServerDefinition { Name = "dying", Transport = TransportKind.Stdio, Command = ["sh", "-c", "exec 0<&-; sleep 0.2; echo no licence >&2; exit 3"] };
        await using var pipe = await ScriptedServer.StartAsync(server, isolation);

        UpstreamFault? fault;
        while ((fault = await pipe.SendAsync(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""), default)) is null)
        {
        }

        Assert.EndsWith(", exit code 3; stderr: no licence", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ToAChildThatReadsNothing_WaitsAndIsFreedByDispose()
    {
        using var isolation = await ScriptedServer.IsolationAsync();
        var server = new ServerDefinition { Name = "asleep", Transport = TransportKind.Stdio, Command = ["sleep", "3600"] };
        var pipe = await ScriptedServer.StartAsync(server, isolation, Hasty);
        var send = pipe.SendAsync(new byte[4 * 1024 * 1024], default).AsTask();
        Assert.False(send.IsCompleted);

        await pipe.DisposeAsync();

        var fault = await send.WaitAsync(ScriptedServer.Patience);
        Assert.False(fault!.NothingSent);
    }

    private static string SleepTag() => string.Create(CultureInfo.InvariantCulture, $"86400.{Random.Shared.NextInt64()}");

    private static bool Runs(string tag) => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(tag, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private static async Task SendAsync(StdioPipe pipe, string message) =>
        Assert.Null(await pipe.SendAsync(Encoding.UTF8.GetBytes(message), default));

    private static async Task<JsonElement> AskAsync(StdioPipe pipe, string message)
    {
        await SendAsync(pipe, message);
        var line = await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience);
        Assert.True(line.HasValue, pipe.EndDetail);
        return JsonElement.Parse(line.Value.Span);
    }

    private static async Task EndOfAsync(StdioPipe pipe, string message)
    {
        await SendAsync(pipe, message);
        Assert.Null(await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience));
    }
}
