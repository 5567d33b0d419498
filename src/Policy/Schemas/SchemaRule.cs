using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>Some keywords of one schema that are judged together.</summary>
/// <param name="appliesTo">Kinds of values that they say anything about.</param>
internal abstract class SchemaRule(ValueKinds appliesTo)
{
    public ValueKinds AppliesTo { get; } = appliesTo;

    /// <summary>Whether the value fits. False with nothing told unless the evaluation has a trail.</summary>
    /// <param name="value">A value of one of the kinds.</param>
    /// <param name="marks">Members or items that some rule here has judged; null when nobody asks.</param>
    /// <param name="run">The check this belongs to.</param>
    public abstract bool Holds(JsonElement value, bool[]? marks, ref Evaluation run);
}
