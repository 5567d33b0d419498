using System.Text.Json;
using Callgate.Policy.Schemas;

namespace Callgate.Policy;

/// <summary>
/// A tool's input schema, ready to judge arguments (policy language, Schemas): 2020-12 and draft-07, strictly and without
/// converting anything. Made once for a definition; immutable and safe to share between threads. Equal arguments give equal
/// answers, and arguments that fit are checked without allocating where the schema has no <c>uniqueItems</c>,
/// <c>propertyNames</c> or <c>unevaluated…</c> and no text has escapes.
/// </summary>
public sealed class InputSchema
{
    private static readonly JsonElement NoArguments = JsonElement.Parse("{}"u8);

    private readonly SchemaNode root;

    private InputSchema(SchemaNode root, string? fault) => (this.root, Fault) = (root, fault);

    /// <summary>
    /// Why the schema cannot be judged, with the JSON Pointer of the place; null when it can. Then every call is refused
    /// unless the policy says not to validate.
    /// </summary>
    public string? Fault { get; }

    /// <summary>Never throws: what cannot be judged has a <see cref="Fault"/>. Keeps nothing of the document it is given.</summary>
    /// <param name="schema">The schema of the definition, an object or a boolean.</param>
    public static InputSchema Compile(JsonElement schema)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            return new InputSchema(new SchemaNode(), "the schema must be an object or a boolean");
        }

        try
        {
            var root = SchemaCompiler.Compile(schema.Clone(), out var fault);
            return new InputSchema(root, fault);
        }
        catch (InvalidOperationException)
        {
            // The framework's answer to half a surrogate pair where a text is asked for.
            return new InputSchema(new SchemaNode(), "the schema holds text that is not Unicode");
        }
    }

    /// <summary>
    /// Null when the arguments fit. Takes bounded steps and never throws; arguments whose check passes the bounds do not fit,
    /// and neither do numbers that are not exact where the schema compares them.
    /// </summary>
    /// <param name="arguments">The arguments; <c>default</c> counts as <c>{}</c>.</param>
    public SchemaMismatch? Check(JsonElement arguments)
    {
        if (Fault is not null)
        {
            return new SchemaMismatch("args", "a tool whose input schema can be judged", Fault);
        }

        var value = arguments.ValueKind == JsonValueKind.Undefined ? NoArguments : arguments;
        try
        {
            var run = new Evaluation(null);
            return root.Check(value, null, ref run) ? null : Explain(value);
        }
        catch (InvalidOperationException)
        {
            return new SchemaMismatch("args", "text that is Unicode", "a string that is not");
        }
    }

    /// <summary>Checks again, this time keeping the way: what fits, which is most, need not pay for it.</summary>
    private SchemaMismatch Explain(JsonElement value)
    {
        var trail = new Trail();
        var run = new Evaluation(trail);
        root.Check(value, null, ref run);
        return trail.Found is { } found
            ? new SchemaMismatch(found.Argument, found.Expected, found.Came)
            : new SchemaMismatch("args", "a value that the schema accepts", Shown.Value(value, false));
    }
}
