using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>The labelled tools and what was answered about them, with and without a model over words.</summary>
internal sealed class Experiment
{
    private Experiment(IReadOnlyList<LabelledTool> tools)
    {
        Tools = tools;
        Readings = [.. tools.Select(static tool => RuleReading.Of(ToolText.Of(tool.Definition, tool.Server)))];
        Rules = CrossValidation.ByRules(tools, Readings);
        RulesRaw = new Measures(Rules, static tool => tool.Raw);
        RulesReviewed = new Measures(Rules, static tool => tool.Reviewed);
        var model = CrossValidation.ByModel(tools, Readings, [.. tools.Select(Trainer.ExampleOf)]);
        ModelRaw = new Measures(model, static tool => tool.Raw);
        ModelReviewed = new Measures(model, static tool => tool.Reviewed);
    }

    public static Experiment OfTheRepository { get; } = new(LabelledTool.ReadAll(Repository.At("catalogue")));

    public IReadOnlyList<LabelledTool> Tools { get; }

    public IReadOnlyList<RuleReading> Readings { get; }

    public IReadOnlyList<Answer> Rules { get; }

    public Measures RulesRaw { get; }

    public Measures RulesReviewed { get; }

    public Measures ModelRaw { get; }

    public Measures ModelReviewed { get; }
}
