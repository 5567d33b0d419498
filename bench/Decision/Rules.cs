using System.Globalization;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Callgate.Policy;

namespace Callgate.Bench.Decision;

/// <summary>Rules with conditions, and large documents: ten thousand named tools beside a thousand globs.</summary>
public class Rules
{
    private readonly CompiledPolicy conditions = Compiled(TenConditions);
    private readonly CompiledPolicy large = Compiled(Large());
    private readonly CallFacts refund = Refund();

    /// <summary>What bench/Cedar/cedar.mjs says in Cedar.</summary>
    public static string TenConditions => """
        { "version": "1", "default": "deny", "tools": { "refund": { "require": [ { "conditions": [
          { "path": "args.amount", "op": "gt", "value": 0 }, { "path": "args.amount", "op": "lte", "value": 500 },
          { "path": "args.currency", "op": "eq", "value": "EUR" }, { "path": "args.region", "op": "in", "value": ["eu", "us", "uk"] },
          { "path": "args.dry_run", "op": "eq", "value": false }, { "path": "args.reason", "op": "contains", "value": "ticket" },
          { "path": "args.order", "op": "starts_with", "value": "ord_" }, { "path": "args.count", "op": "gte", "value": 1 },
          { "path": "args.count", "op": "lt", "value": 10 }, { "path": "args.channel", "op": "neq", "value": "chat" } ] } ] } } }
        """;

    public static CallFacts Refund() => new("refund", ToolStanding.Reviewed)
    {
        Arguments = JsonElement.Parse("""
            { "amount": 120, "currency": "EUR", "region": "us", "dry_run": false, "reason": "see ticket 4711", "order": "ord_8812", "count": 2, "channel": "mail" }
            """u8),
    };

    public static CompiledPolicy Compiled(string document) =>
        PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document)).Policy ?? throw new InvalidOperationException("the policy does not compile");

    /// <summary>A thousand named tools, as bench/Cedar/cedar.mjs names them.</summary>
    public static string Named() => Document(1_000, 0);

    [Benchmark]
    public Callgate.Policy.Decision WithTenConditions() => conditions.Decide(refund);

    [Benchmark]
    public Callgate.Policy.Decision OneOfTenThousandNames() => large.Decide(new CallFacts("tool_7777", ToolStanding.Reviewed));

    [Benchmark]
    public Callgate.Policy.Decision OneOfAThousandGlobs() => large.Decide(new CallFacts("group_999_x", ToolStanding.Reviewed));

    [Benchmark]
    public Callgate.Policy.Decision NoneOfThem() => large.Decide(new CallFacts("elsewhere", ToolStanding.Reviewed));

    private static string Large() => Document(10_000, 1_000);

    private static string Document(int names, int globs)
    {
        var text = new StringBuilder("""{ "version": "1", "default": "deny", "tools": { """);
        for (var i = 0; i < names; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"tool_{i}\": {{}},");
        }

        for (var i = 0; i < globs; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"group_{i:D3}_*\": {{}},");
        }

        return text.Append("\"last\": {} } }").ToString();
    }
}
