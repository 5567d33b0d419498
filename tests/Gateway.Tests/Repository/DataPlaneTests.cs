using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>
/// With inline completions the code of a call runs on the threads that wait for sockets: one call that blocks there stalls
/// every connection of that thread. Nothing in the rooms a call passes may block; what is started beside them is named here.
/// </summary>
public sealed partial class DataPlaneTests
{
    private static readonly string[] Rooms = ["Endpoints", "Proxy", "Wire", "Quota", "Grants", "Sessions", "Upstreams", "Policies", "Telemetry", "Discovery"];

    /// <summary>They start and end child processes, on threads of their own or of the pool (`PipePool` leaves the call's thread first).</summary>
    private static readonly string[] OfChildren =
    [
        "ChildGroup.cs", "ChildIsolation.cs", "ChildMounts.cs", "ChildPaths.cs", "PipeStarter.cs", "StdioPipe.cs",
    ];

    [Fact]
    public void Rooms_ACallPasses_CallNothingThatBlocks() =>
        Offences.AssertNone(Rooms
            .SelectMany(static room => SourceTree.CodeUnder($"src/Gateway/{room}/"))
            .Concat(SourceTree.CodeUnder("src/Policy/"))
            .Where(static path => !OfChildren.Contains(Path.GetFileName(path)))
            .SelectMany(static path => Check(path, SourceTree.Read(path))));

    [Fact]
    public void Exceptions_AllOfThem_AreNeeded() =>
        Assert.All(OfChildren, static name => Assert.NotEmpty(Check(name, SourceTree.Read("src/Gateway/Upstreams/" + name))));

    [Theory]
    [InlineData("task.GetAwaiter().GetResult();")]
    [InlineData("gate.Wait();")]
    [InlineData("var text = File.ReadAllText(path);")]
    [InlineData("Monitor.Wait(gate);")]
    [InlineData("thread.Join();")]
    public void Check_PlantedCall_IsFound(string line) => Assert.Single(Check("src/Gateway/Proxy/A.cs", line));

    [Theory]
    [InlineData("await gate.WaitAsync();")]
    [InlineData("string.Join(',', names);")]
    [InlineData("// File.ReadAllText would block")]
    public void Check_HarmlessCall_Passes(string line) => Assert.Empty(Check("src/Gateway/Proxy/A.cs", line));

    private static IEnumerable<string> Check(string path, string text) =>
        Offences.InText(path, SourceText.Mask(text), static line => Blocking().Match(line) is { Success: true } found ? $"`{found.Value}` blocks the thread of a call" : null);

    [GeneratedRegex(@"\b(?:File|Directory)\.[A-Z]\w*|\bnew FileStream\b|\bGetAwaiter\(\)\.GetResult\(|\.Wait\(|\.WaitOne\(|\bMonitor\.(?:Wait|Enter)\b|(?<!\bstring)\.Join\(|\.WaitForExit\(|\bBlockingCollection\b|\bThread\.Sleep\b|\bProcess\.Start\b")]
    private static partial Regex Blocking();
}
