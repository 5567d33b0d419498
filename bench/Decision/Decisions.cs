using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Callgate.Policy;

namespace Callgate.Bench.Decision;

/// <summary>One judgement of a policy that names a thousand tools, hides some by name and by glob, and limits them.</summary>
public class Decisions
{
    private CompiledPolicy policy = null!; // made before every benchmark

    /// <summary>Tools the policy names one by one.</summary>
    [Params(10, 1_000)]
    public int Named { get; set; }

    [GlobalSetup]
    public void Compile()
    {
        var text = new StringBuilder("""{ "version": "1", "default": "deny", "hide": ["drop_*", "*_secret", "reset_all"], "tools": { """);
        for (var i = 0; i < Named; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                "tool_{{i}}": { "limits": [{ "counter": "c{{i % 10}}", "window": "minute", "max": 100, "scope": "grant" }] },
                """);
        }

        text.Append("""
            "list_*": {}, "get_*_by_id": {}, "delete_*": { "action": "deny", "reason": "no" } },
            "all_tools": { "limits": [{ "counter": "all", "window": "hour", "max": 10000, "scope": "grant" }] } }
            """);
        policy = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(text.ToString())).Policy ?? throw new InvalidOperationException("the policy does not compile");
    }

    [Benchmark(Baseline = true)]
    public Callgate.Policy.Decision NamedTool() => policy.Decide(new CallFacts("tool_7", ToolStanding.Reviewed));

    [Benchmark]
    public Callgate.Policy.Decision ByGlob() => policy.Decide(new CallFacts("get_order_by_id", ToolStanding.Reviewed));

    [Benchmark]
    public Callgate.Policy.Decision HiddenByGlob() => policy.Decide(new CallFacts("drop_table", ToolStanding.Reviewed));

    [Benchmark]
    public Callgate.Policy.Decision ByDefault() => policy.Decide(new CallFacts("something_else", ToolStanding.Reviewed));

    [Benchmark]
    public bool Listed() => policy.Lists(new CallFacts("tool_7", ToolStanding.Reviewed));
}
