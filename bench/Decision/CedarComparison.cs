using System.Diagnostics;
using System.Globalization;
using Callgate.Policy;

namespace Callgate.Bench.Decision;

/// <summary>The same rules judged here and by Cedar in Node, turn by turn; the median of the rounds, and their ratio.</summary>
internal static class CedarComparison
{
    private const int Rounds = 7;

    /// <param name="node">The Node to run it with.</param>
    /// <param name="script">bench/Cedar/cedar.mjs beside its packages.</param>
    public static int Run(string node, string script)
    {
        using var cedar = Process.Start(new ProcessStartInfo(node, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("Node does not start");
        try
        {
            Console.WriteLine("| case | Callgate, ns | Cedar (wasm, pre-parsed), ns | Cedar / Callgate |");
            Console.WriteLine("|---|---:|---:|---:|");
            var refund = Rules.Refund();
            Compare(cedar, "ten", "ten conditions", Rules.Compiled(Rules.TenConditions), refund, 5_000);
            Compare(cedar, "named", "one of 1,000 named tools", Rules.Compiled(Rules.Named()), new CallFacts("tool_777", ToolStanding.Reviewed), 100);
            cedar.StandardInput.Close();
            return 0;
        }
        finally
        {
            if (!cedar.WaitForExit(5_000))
            {
                cedar.Kill();
            }
        }
    }

    private static void Compare(Process cedar, string name, string title, CompiledPolicy policy, CallFacts facts, int cedarCalls)
    {
        const int Calls = 500_000;
        var (ours, theirs) = (new List<double>(), new List<double>());
        Time(policy, facts, Calls);
        Ask(cedar, name, cedarCalls);
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(Time(policy, facts, Calls));
            theirs.Add(Ask(cedar, name, cedarCalls));
        }

        ours.Sort();
        theirs.Sort();
        var (mine, other) = (ours[Rounds / 2], theirs[Rounds / 2]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {title} | {mine:N0} | {other:N0} | {other / mine:N0} |"));
    }

    private static double Time(CompiledPolicy policy, CallFacts facts, int calls)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            if (policy.Decide(facts).Effect != Effect.Allow)
            {
                throw new InvalidOperationException("the call must be allowed");
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / calls;
    }

    private static double Ask(Process cedar, string name, int calls)
    {
        cedar.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {calls}"));
        return cedar.StandardOutput.ReadLine() is { } line ? double.Parse(line, CultureInfo.InvariantCulture) : throw new InvalidOperationException("Cedar ended");
    }
}
