using Callgate.Attacks.Gates;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;
using Xunit;

namespace Callgate.Attacks.Tests;

/// <summary>One run of all scenarios against the product, as `callgate attack --self` does it.</summary>
public sealed class ProductRun : IAsyncLifetime
{
    /// <summary>How the executable that was built beside the tests is started.</summary>
    public static IReadOnlyList<string> Executable { get; } = [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "callgate.dll")];

    public IReadOnlyDictionary<string, ScenarioResult> Results { get; private set; } = new Dictionary<string, ScenarioResult>();

    public async ValueTask InitializeAsync()
    {
        var suite = new Suite(static async (configuration, onSmallDisk) => await ServedGate.StartAsync(Executable, configuration, onSmallDisk), Executable);
        var results = await suite.RunAsync(ScenarioReader.Shipped(), CancellationToken.None);
        Results = results.ToDictionary(static result => result.Scenario.Id, StringComparer.Ordinal);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
