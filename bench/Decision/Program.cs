using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Callgate.Bench.Decision;

if (args is ["--cedar", var node, var script])
{
    return CedarComparison.Run(node, script);
}

// In this process: what it would generate and build apart cannot be restored on a machine without the runner's own packages.
var config = ManualConfig.CreateEmpty()
    .WithArtifactsPath("artifacts/benchmarks")
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(10).WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(250)))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub);
BenchmarkRunner.Run([typeof(Decisions), typeof(Rules)], config);
return 0;
