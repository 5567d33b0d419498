using Callgate.Policy.Binding;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Judging;

/// <summary>Runs a document's own tests. One that fails is an error like any other: such a document is never activated.</summary>
internal static class TestRun
{
    public static void Run(PolicyModel model, CompiledPolicy policy, Func<string, string, KnownTool?>? tools, DiagnosticSink sink)
    {
        foreach (var test in model.Tests)
        {
            Run(test, policy, tools, sink);
        }
    }

    private static void Run(BoundTest test, CompiledPolicy policy, Func<string, string, KnownTool?>? tools, DiagnosticSink sink)
    {
        var facts = test.Facts;
        if (test.Server is { } server)
        {
            if (tools is null)
            {
                // Whether it holds depends on definitions that are not at hand; it was judged when the document was saved.
                return;
            }

            var known = tools(server, facts.Tool);
            facts = facts with { Standing = known?.Standing ?? ToolStanding.Unknown, Schema = known?.Schema, Category = facts.Category ?? known?.Category, ShownCategory = known?.ShownCategory };
        }

        var decision = policy.Decide(facts);
        if (decision.Effect != test.Expected)
        {
            var because = decision.Reason is null ? "" : $": {Quote.User(decision.Reason)}";
            sink.Error(test.Node, $"this test expects `{Word(test.Expected)}`, but the call meets `{Word(decision.Effect)}` by {Quote.User(decision.Rule)}{because}", "change the rule or the test");
        }
        else if (test.Rule is { } rule && !string.Equals(rule, decision.Rule, StringComparison.Ordinal))
        {
            sink.Error(test.Node.Find("rule")!, $"this test expects the rule {Quote.User(rule)}, but {Quote.User(decision.Rule)} decides", "change the rule or the test");
        }
    }

    /// <summary>As a test spells it.</summary>
    public static string Word(Effect effect) => effect switch
    {
        Effect.Allow => "allow",
        Effect.Approve => "approval",
        Effect.Hide => "hide",
        _ => "deny",
    };
}
