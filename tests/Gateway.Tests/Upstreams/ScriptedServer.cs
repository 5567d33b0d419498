using Xunit;
using System.Collections.Immutable;
using Callgate.Gateway.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Gateway.Tests.Upstreams;

/// <summary>Registers the scripted child as a server, and starts it.</summary>
internal static class ScriptedServer
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    public static ServerDefinition Definition(params string[] manners) => new()
    {
        Name = "scripted",
        Transport = TransportKind.Stdio,
        Command = [DotnetProgram(), Path.Combine(AppContext.BaseDirectory, "ScriptedChild.dll"), .. manners],

        // The runtime of the child would otherwise start threads and sockets of its own.
        Environment = ImmutableSortedDictionary<string, string>.Empty.Add("DOTNET_EnableDiagnostics", "0").Add("DOTNET_TieredPGO", "0"),
    };

    public static async Task<StdioPipe> StartAsync(ServerDefinition server, ChildIsolation isolation, StdioOptions? options = null)
    {
        var (pipe, fault) = await StdioPipe.StartAsync(server, isolation, options ?? new StdioOptions(), TimeProvider.System);
        Assert.Null(fault);
        return pipe!;
    }

    public static ValueTask<ChildIsolation> IsolationAsync(params string[] hidden) =>
        ChildIsolation.ProbeAsync(new ChildMounts(hidden, []), TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    /// <summary>The program that runs the tests' runtime: children have no environment that would find it.</summary>
    private static string DotnetProgram()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return Path.GetFullPath(Path.Combine(runtime, "../../../dotnet"));
    }
}
