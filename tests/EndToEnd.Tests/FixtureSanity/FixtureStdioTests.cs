using System.Diagnostics;
using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.FixtureSanity;

/// <summary>The fixture server as a real child: lines, records, and the ways in which it ends.</summary>
public sealed class FixtureStdioTests : IDisposable
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}""";
    private const string Initialized = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";
    private const string Echo = """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}""";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly List<Process> children = [];

    [Fact]
    public async Task Stdio_SlowCallFirst_IsAnsweredLast()
    {
        var child = Start("--profile", "everything");
        await OpenAsync(child);
        await SendAsync(child, """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"slow","arguments":{"steps":1,"ms":500}}}""", Echo);

        Assert.Equal(3, (await ReadAsync(child)).Number("id", 0));
        Assert.Equal(2, (await ReadAsync(child)).Number("id", 0));
    }

    [Fact]
    public async Task Stdio_Record_HoldsTheLinesAsSent()
    {
        using var folder = new TemporaryFolder();
        var child = Start("--record", folder.File("record"));
        await SendAsync(child, Initialize, "no message", Initialized);
        child.StandardInput.Close();
        await child.WaitForExitAsync().WaitAsync(Bound);

        Assert.Equal([Initialize, "no message", Initialized], await File.ReadAllLinesAsync(folder.File("record")));
        Assert.Equal(0, child.ExitCode);
    }

    [Fact]
    public async Task Stdio_DagsterAskedTooEarly_Dies()
    {
        var child = Start("--profile", "dagster");
        await SendAsync(child, Initialize, """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        await child.WaitForExitAsync().WaitAsync(Bound);

        Assert.Equal(1, child.ExitCode);
    }

    [Fact]
    public async Task Stdio_NoiseFault_ComesBeforeTheAnswer()
    {
        var child = Start("--fault", "noise:echo:1");
        await OpenAsync(child);
        await SendAsync(child, Echo);

        Assert.Equal(JsonValueKind.Undefined, (await ReadAsync(child)).ValueKind);
        Assert.Equal(3, (await ReadAsync(child)).Number("id", 0));
    }

    public void Dispose()
    {
        foreach (var child in children)
        {
            child.Kill(entireProcessTree: true);
            child.Dispose();
        }
    }

    private Process Start(params string[] options)
    {
        var start = new ProcessStartInfo(GateProcess.DotnetPath) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in options.Prepend("stdio").Prepend(GateProcess.Built("callgate-fixture.dll")))
        {
            start.ArgumentList.Add(argument);
        }

        var child = Process.Start(start)!;
        children.Add(child);
        return child;
    }

    private static async Task OpenAsync(Process child)
    {
        await SendAsync(child, Initialize);
        Assert.Equal("2025-11-25", (await ReadAsync(child)).Member("result").Text("protocolVersion"));
        await SendAsync(child, Initialized);
    }

    private static async Task SendAsync(Process child, params string[] lines)
    {
        foreach (var line in lines)
        {
            await child.StandardInput.WriteAsync(line + "\n");
        }

        await child.StandardInput.FlushAsync();
    }

    private static async Task<JsonElement> ReadAsync(Process child)
    {
        var line = await child.StandardOutput.ReadLineAsync().WaitAsync(Bound);
        return Lenient.TryParse(System.Text.Encoding.UTF8.GetBytes(line ?? throw new EndOfStreamException("the child ended")));
    }
}
