using Callgate.Catalogue.Classifying;
using Xunit;

namespace Callgate.Catalogue.Tests.Figures;

public sealed class FiguresTests
{
    [Fact]
    public void Dump()
    {
        var tools = LabelledTool.ReadAll(Repository.At("catalogue"));
        var readings = tools.Select(static t => RuleReading.Of(ToolText.Of(t.Definition, t.Server))).ToList();
        var rules = CrossValidation.ByRules(tools, readings);
        var model = CrossValidation.ByModel(tools, readings, [.. tools.Select(Trainer.ExampleOf)]);
        var w = new StringWriter();
        foreach (var held in new bool?[] { null, false, true })
        {
            foreach (var (name, all) in new[] { ("rules", rules), ("model", model) })
            {
                var part = all.Where(a => held is null || CrossValidation.IsHeldOut(a.Tool) == held).ToList();
                bool Costly(Answer x, RiskCategory c) => c is RiskCategory.Destructive or RiskCategory.Financial && x.Category is RiskCategory.Read or RiskCategory.Other;
                double Pct(Func<Answer, bool> f) => 100.0 * part.Count(f) / part.Count;
                w.WriteLine($"{held?.ToString() ?? "all",5} {name} {part.Count}: raw {Pct(x => x.Category == x.Tool.Raw):F1} rev {Pct(x => x.Category == x.Tool.Reviewed):F1} risk {Pct(x => RiskLevels.Of(x.Category) == RiskLevels.Of(x.Tool.Raw)):F1}/{Pct(x => RiskLevels.Of(x.Category) == RiskLevels.Of(x.Tool.Reviewed)):F1} costly {part.Count(x => Costly(x, x.Tool.Raw))}/{part.Count(x => Costly(x, x.Tool.Reviewed))} after floor {part.Count(x => x.IsSure && Costly(x, x.Tool.Raw))}/{part.Count(x => x.IsSure && Costly(x, x.Tool.Reviewed))} below {part.Count(x => !x.IsSure)}");
            }
        }

        foreach (var bin in rules.GroupBy(x => (int)(x.Confidence * 10)).OrderBy(g => g.Key))
        {
            w.WriteLine($"{bin.Key} {bin.Count()} raw {100.0 * bin.Count(x => x.Category == x.Tool.Raw) / bin.Count():F0} rev {100.0 * bin.Count(x => x.Category == x.Tool.Reviewed) / bin.Count():F0}");
        }

        w.WriteLine(ConfidenceFit.Write([.. tools.Zip(readings)]));
        var c = ToolClassifier.Shipped;
        foreach (var (t, a) in rules.Where(x => !CrossValidation.IsHeldOut(x.Tool) && x.Category != x.Tool.Reviewed).Select(x => (x.Tool, x)).OrderBy(x => x.Tool.Reviewed))
        {
            w.WriteLine($"{t.Reviewed}\t<- {a.Category} {a.Confidence:F2}\t{t.Server[..Math.Min(16, t.Server.Length)]}|{t.Name}|{(t.Definition.TryGetProperty("description", out var d) ? d.GetString() : "")}\t[{string.Join("; ", c.Classify(t.Definition, t.Server).Evidence.Select(e => e.Text + "@" + e.Place))}]");
        }

        File.WriteAllText("/tmp/cls-dump.txt", w.ToString());
        w = new StringWriter();
        foreach (var file in Directory.GetFiles(Environment.GetEnvironmentVariable("SYS")!).Order())
        {
            var root = System.Text.Json.JsonElement.Parse(File.ReadAllText(file));
            var list = root.ValueKind == System.Text.Json.JsonValueKind.Array ? root : root.GetProperty("tools");
            w.WriteLine("## " + Path.GetFileName(file));
            foreach (var tool in list.EnumerateArray())
            {
                var r = new ToolClassifier(ReviewedOverrides.None).Classify(tool, Path.GetFileName(file).Split('.')[0]);
                w.WriteLine($"{r.Category} {r.Confidence:F2}\t{tool.GetProperty("name")}\t[{string.Join("; ", r.Evidence.Select(e => e.Text + "@" + e.Place))}]\t{{{string.Join("; ", r.Signals.Select(e => e.Id + "=" + e.Evidence.Text + "@" + e.Evidence.Place))}}}");
            }
        }

        File.WriteAllText("/tmp/cls-seeds.txt", w.ToString());
    }
}
