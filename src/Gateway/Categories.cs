using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Policy;

namespace Callgate.Gateway;

/// <summary>Between the categories that policies name and those that the classifier finds: two projects that do not know each other, one set of names.</summary>
public static class Categories
{
    /// <summary>
    /// What a definition says that its tool does; null where it says nothing clearly. No name of a server is asked: reviewed
    /// exceptions are for names that somebody vouches for.
    /// </summary>
    public static ToolCategory? Of(JsonElement definition) => ToolCategories.Parse(ToolClassifier.Shipped.Classify(definition).Settled?.ToString());

    public static RiskCategory ToRisk(ToolCategory category) => Enum.Parse<RiskCategory>(category.ToString());
}
