using Callgate.Policy;

namespace Callgate.MutationSeed;

/// <summary>
/// Stryker mutates for a test project and measures by it. This one covers next to nothing, so that Stryker makes the mutants and
/// stops there; what it put into the assembly is taken while it runs this test.
/// </summary>
public sealed class SeedTests
{
    [Fact]
    public void Assembly_AsItIsNow_IsCopied()
    {
        Assert.Null(ToolCategories.Parse(null));
        if (Environment.GetEnvironmentVariable("CALLGATE_MUTATED") is { Length: > 0 } to)
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Callgate.Policy.dll"), to, overwrite: true);
        }
    }
}
