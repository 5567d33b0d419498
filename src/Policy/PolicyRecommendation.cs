using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Callgate.Policy.Binding;
using Callgate.Policy.Linting;

namespace Callgate.Policy;

/// <summary>
/// Writes a first policy for the tools of a server: nothing is allowed that is not named, reading is free, what changes
/// something takes plain identifiers only and so many calls a minute, what cannot be undone is hidden, and what moves money
/// or is not classified asks a person (seeds: the same rule for each category).
/// </summary>
public static class PolicyRecommendation
{
    private static readonly JsonWriterOptions Written = new() { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The longest name that a policy is recommended for, in UTF-16 units: each may need an escape, and a pattern is bounded.</summary>
    public const int LongestName = GlobPattern.MostLength / 2;

    /// <summary>The document as UTF-8 JSON. It compiles, and the linter warns of nothing in it when it is given the same tools.</summary>
    /// <param name="tools">What the server offers.</param>
    /// <param name="description">For people who read the document; null writes none.</param>
    public static byte[] Write(IReadOnlyList<OfferedTool> tools, string? description = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Written))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1");
            if (description is not null)
            {
                writer.WriteString("description", description);
            }

            writer.WriteString("default", "deny");
            var named = tools.Where(tool => tool.Name.Length is > 0 and <= LongestName).OrderBy(tool => tool.Name, StringComparer.Ordinal).ToList();
            Hidden(named, writer);
            writer.WriteStartObject("tools");
            foreach (var tool in named.Where(static tool => tool.Category != ToolCategory.Destructive))
            {
                Entry(tool, writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void Hidden(List<OfferedTool> tools, Utf8JsonWriter writer)
    {
        var hidden = tools.Where(static tool => tool.Category == ToolCategory.Destructive).ToList();
        if (hidden.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("hide");
        hidden.ForEach(tool => writer.WriteStringValue(Glob.Exactly(tool.Name)));
        writer.WriteEndArray();
    }

    /// <summary>Calls a minute of each grant; null for as many as it likes.</summary>
    private static int? MostCalls(ToolCategory? category) => category switch
    {
        ToolCategory.Write => 30,
        ToolCategory.Execute => 10,
        ToolCategory.Other => 60,
        _ => null,
    };

    private static void Entry(OfferedTool tool, Utf8JsonWriter writer)
    {
        writer.WriteStartObject(Glob.Exactly(tool.Name));
        if (tool.SchemaFault is not null)
        {
            writer.WriteString("action", "deny");
            writer.WriteString("reason", "The arguments of this tool cannot be checked; ask the operator.");
            writer.WriteEndObject();
            return;
        }

        if (ReasonToAsk(tool) is { } reason)
        {
            writer.WriteString("action", "require_approval");
            writer.WriteString("reason", reason);
        }

        if (MostCalls(tool.Category) is { } most)
        {
            writer.WriteStartObject("rate_limit");
            writer.WriteNumber("max", most);
            writer.WriteString("window", "minute");
            writer.WriteEndObject();
        }

        var loose = tool.Category == ToolCategory.Read ? [] : IdentifierLint.Of(tool, schemaIsChecked: true).ToList();
        if (loose.Count > 0)
        {
            writer.WriteStartArray("require");
            foreach (var identifier in loose)
            {
                Rule(identifier, writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static string? ReasonToAsk(OfferedTool tool) => tool.Category switch
    {
        ToolCategory.Financial => "It moves money.",
        null => "It is not classified: what it does is not known.",
        _ when Dispatchers.WhyOf(tool) is not null => "It runs what it is told.",
        _ => null,
    };

    private static void Rule(LooseIdentifier identifier, Utf8JsonWriter writer)
    {
        var rule = identifier.ToRule();
        writer.WriteStartObject();
        writer.WriteStartArray("conditions");
        foreach (var condition in rule.Conditions)
        {
            writer.WriteStartObject();
            writer.WriteString("path", condition.Path);
            writer.WriteString("op", condition.Op);
            writer.WriteString("value", condition.Value);
            if (condition.Missing is not null)
            {
                writer.WriteString("missing", condition.Missing);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("on_deny", rule.OnDeny);
        writer.WriteEndObject();
    }
}
