using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Callgate.Catalogue;

/// <summary>What a person decided about one tool of one server.</summary>
/// <param name="Server">The server's name in the pack.</param>
/// <param name="Tool">The tool's exact name.</param>
/// <param name="Category">What it is.</param>
/// <param name="Reason">Why, in a sentence that pages show.</param>
public sealed record ReviewedOverride(string Server, string Tool, RiskCategory Category, string Reason);

/// <summary>Reviewed overrides of a pack, found by server and tool.</summary>
public sealed class ReviewedOverrides
{
    private readonly FrozenDictionary<(string Server, string Tool), ReviewedOverride> byName;

    private ReviewedOverrides(IReadOnlyList<ReviewedOverride> all)
    {
        All = all;
        byName = all.ToFrozenDictionary(static one => (Key(one.Server), one.Tool));
    }

    /// <summary>No overrides.</summary>
    public static ReviewedOverrides None { get; } = new([]);

    /// <summary>Those of the pack, <c>catalogue/overrides.jsonl</c>, which is built into this assembly.</summary>
    public static ReviewedOverrides Shipped { get; } = Read(ShippedBytes());

    /// <summary>All of them, in the order of the file.</summary>
    public IReadOnlyList<ReviewedOverride> All { get; }

    /// <summary>Reads JSON lines of <c>server</c>, <c>tool</c>, <c>category</c> and <c>reason</c>, all texts and all required.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <exception cref="FormatException">A line is no such object, names no category, gives no reason, or repeats a tool; the message names the line.</exception>
    public static ReviewedOverrides Read(ReadOnlySpan<byte> utf8)
    {
        var all = new List<ReviewedOverride>();
        var seen = new HashSet<(string, string)>();
        var number = 0;
        foreach (var range in utf8.Split((byte)'\n'))
        {
            number++;
            var line = utf8[range].Trim(" \r\t"u8);
            if (line.IsEmpty)
            {
                continue;
            }

            var one = ReadLine(line, number);
            if (!seen.Add((Key(one.Server), one.Tool)))
            {
                throw new FormatException($"line {number}: `{one.Tool}` of `{one.Server}` is there already; keep one of the two");
            }

            all.Add(one);
        }

        return new ReviewedOverrides(all);
    }

    /// <summary>The override of a tool; null when there is none.</summary>
    /// <param name="server">The server's name; case, spaces and punctuation do not matter.</param>
    /// <param name="tool">The exact name.</param>
    public ReviewedOverride? Find(string server, string tool) => byName.Count == 0 ? null : byName.GetValueOrDefault((Key(server), tool));

    private static byte[] ShippedBytes()
    {
#pragma warning disable RS0030 // A resource is a part of the assembly, the same on every machine; the framework hands it out as a stream.
        using var stream = typeof(ReviewedOverrides).Assembly.GetManifestResourceStream("overrides.jsonl") ?? throw new InvalidOperationException("the assembly lacks its overrides");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
#pragma warning restore RS0030
    }

    private static ReviewedOverride ReadLine(ReadOnlySpan<byte> line, int number)
    {
        JsonElement value;
        try
        {
            value = JsonElement.Parse(line);
        }
        catch (JsonException fault)
        {
            throw new FormatException($"line {number}: no JSON", fault);
        }

        string Text(string member) =>
            value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out var found) && found.ValueKind == JsonValueKind.String && found.GetString() is { Length: > 0 } text
                ? text
                : throw new FormatException($"line {number}: `{member}` is missing; it is a text");
        var category = Text("category");
        return Enum.TryParse<RiskCategory>(category, out var parsed) && Enum.IsDefined(parsed) && parsed.ToString() == category
            ? new ReviewedOverride(Text("server"), Text("tool"), parsed, Text("reason"))
            : throw new FormatException($"line {number}: there is no category `{category}`; use one of {string.Join(", ", Enum.GetNames<RiskCategory>())}");
    }

    /// <summary>Letters and digits alone, in lower case.</summary>
    private static string Key(string server)
    {
        var key = new StringBuilder(Math.Min(server.Length, 160));
        foreach (var unit in server.AsSpan(0, Math.Min(server.Length, 160)))
        {
            if (char.IsLetterOrDigit(unit))
            {
                key.Append(char.ToLowerInvariant(unit));
            }
        }

        return key.ToString();
    }
}
