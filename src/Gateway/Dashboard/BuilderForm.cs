using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Gateway.Policies;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// What a form of the builder carries: the document as it stands there, and what is to be done with it. Each choice says what
/// was shown when it was made, so that one that nobody touched does nothing.
/// </summary>
internal sealed class BuilderForm(IFormCollection form)
{
    public const string DocumentField = "document";
    public const string DoField = "do";
    public const string NoteField = "note";
    public const string FromField = "from";
    public const string OpenField = "open";
    public const string SearchField = "q";
    public const string CategoryField = "category";
    public const string ArgumentPath = "field";

    public const string Save = "save";
    public const string Try = "try";
    public const string Week = "week";
    public const string AddLimit = "limit";
    public const string AddRule = "rule";
    public const string OpenTool = "open ";
    public const string CloseTool = "close";
    public const string Remove = "remove ";
    public const string Beyond = "beyond ";

    private const string OfTool = "tool:";
    private const string OfCategory = "category:";
    private const string OfDefault = "default:";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public string Do => form[DoField].ToString();

    /// <summary>Browsers send text with CR LF.</summary>
    public string Document => form[DocumentField].ToString().Replace("\r\n", "\n", StringComparison.Ordinal);

    public string Note => form[NoteField].ToString().Trim();

    public long From => long.TryParse(form[FromField].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;

    public string Search => form[SearchField].ToString().Trim();

    public string Category => form[CategoryField].ToString();

    public string Field(string name) => form[name].ToString();

    public IReadOnlyList<string> Fields(string name) => [.. form[name].OfType<string>()];

    /// <summary>The tool whose rules are open; empty for none.</summary>
    public string Open => OpenIn(Field);

    /// <summary>The same, of fields by their names.</summary>
    public static string OpenIn(Func<string, string> typed)
    {
        var act = typed(DoField);
        return act == CloseTool ? "" : Unpacked(act.StartsWith(OpenTool, StringComparison.Ordinal) ? act[OpenTool.Length..] : typed(OpenField));
    }

    /// <summary>A name in a field as it is: browsers change line ends in fields, and a name of a tool may hold anything.</summary>
    public static string Packed(string name) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    /// <summary>By a digest: a field's name has to be short, and a tool's need not.</summary>
    public static string NameOf(SheetRow row) => $"{OfTool}{row.State}:{DigestOf(row.Tool)}";

    private static string DigestOf(string tool) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(tool)));

    private static string Unpacked(string packed) => Base64Url.IsValid(packed) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(packed)) : "";

    public static string NameOf(ToolCategory category, SheetState state) => $"{OfCategory}{state}:{category}";

    public static string NameOfDefault(bool allows) => $"{OfDefault}{allows}:";

    /// <summary>The document with everything that was chosen and asked for, and why something was not done; null when all was.</summary>
    /// <param name="now">As it was sent; it compiles.</param>
    /// <param name="tool">The tool whose rules are open; null for none.</param>
    public (byte[] Document, string? Problem) Apply(PolicyDraft now, OfferedTool? tool)
    {
        var names = now.Sheet!.Rows.Select(static row => row.Tool).ToDictionary(DigestOf, StringComparer.Ordinal);
        var (document, refused) = Sound(now.Document, form.Keys.Aggregate(now.Document, (before, field) => Choose(before, field, names)));
        if (refused is not null)
        {
            return (document, refused);
        }

        return Do switch
        {
            AddLimit when tool is not null => Limited(document, tool),
            AddRule when tool is not null => Ruled(document, tool),
            _ when Do.StartsWith(Remove, StringComparison.Ordinal) => (PolicyEdit.Without(document, Unpacked(Do[Remove.Length..])), null),
            _ => (document, null),
        };
    }

    private byte[] Choose(byte[] document, string field, Dictionary<string, string> names)
    {
        if (Split(field, OfTool) is { } tool)
        {
            return Chosen(field, tool.Shown) is { } state && names.TryGetValue(tool.Subject, out var name) ? PolicyEdit.OfTool(document, name, state) : document;
        }

        if (Split(field, OfCategory) is { } category)
        {
            return Chosen(field, category.Shown) is { } state && Enum.TryParse<ToolCategory>(category.Subject, out var named) ? PolicyEdit.OfCategory(document, named, state) : document;
        }

        return Split(field, OfDefault) is { } shown && bool.TryParse(form[field].ToString(), out var allow) && allow.ToString() != shown.Shown ? PolicyEdit.OfDefault(document, allow) : document;
    }

    private SheetState? Chosen(string field, string shown) =>
        form[field].ToString() is var word && word != shown && Enum.TryParse<SheetState>(word, out var state) && Enum.IsDefined(state) ? state : null;

    private static (string Shown, string Subject)? Split(string field, string prefix)
    {
        if (!field.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var at = field.IndexOf(':', prefix.Length);
        return at < 0 ? null : (field[prefix.Length..at], field[(at + 1)..]);
    }

    private (byte[] Document, string? Problem) Limited(byte[] document, OfferedTool tool)
    {
        if (!decimal.TryParse(Field("max"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var most))
        {
            return (document, "the most of a limit is a number, such as 30");
        }

        var (window, scope, amount) = (Field("window"), Field("scope"), Field("amount"));
        var limit = new JsonObject { ["counter"] = Field("counter").Trim() is { Length: > 0 } named ? named : CounterOf(tool.Name, window) };
        if (window == "concurrent")
        {
            limit["concurrent"] = (int)Math.Min(most, int.MaxValue);
        }
        else
        {
            (limit["window"], limit["max"]) = (window, most);
        }

        if (scope is { Length: > 0 } and not "grant")
        {
            limit["scope"] = scope;
        }

        if (amount.Length > 0 && window != "concurrent")
        {
            limit["amount"] = amount;
        }

        return Sound(document, PolicyEdit.WithLimit(document, tool.Name, limit));
    }

    private (byte[] Document, string? Problem) Ruled(byte[] document, OfferedTool tool)
    {
        if (ArgumentField.Of(tool).FirstOrDefault(field => field.Path == Field(ArgumentPath)) is not { } argument || !argument.Operators.Contains(Field("op")))
        {
            return (document, "choose an argument first, then how it is compared");
        }

        var value = argument.Kind == FieldKind.Choice && Field("op") != "exists" ? string.Join('\n', Fields("choice")) : Field("value").Replace("\r\n", "\n", StringComparison.Ordinal);
        var kind = Field("kind") is "deny_if" or "approve_if" ? Field("kind") : "require";
        return argument.Condition(Field("op"), value, kind, out var wrong) is { } condition
            ? Sound(document, PolicyEdit.WithRule(document, tool.Name, kind, condition, Field("text").Trim()))
            : (document, wrong);
    }

    /// <summary>A part that the compiler refuses is not taken in: what was typed stays in its fields, and the reason is said.</summary>
    private static (byte[] Document, string? Problem) Sound(byte[] before, byte[] after) =>
        PolicyCompiler.Compile(after).Diagnostics is [var first, ..] ? (before, first.Message) : (after, null);

    private static string CounterOf(string tool, string window) =>
        new([.. $"{tool}_{window}".Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_').Take(64)]);

    /// <summary>The arguments of a call to try; null with a reason where they are none.</summary>
    public (JsonElement? Arguments, string? Wrong) Arguments()
    {
        var text = Field("arguments").Trim();
        if (text.Length == 0)
        {
            return (null, null);
        }

        try
        {
            var read = JsonElement.Parse(Encoding.UTF8.GetBytes(text), Options);
            return read.ValueKind == JsonValueKind.Object ? (read, null) : (null, "the arguments are an object, such as {\"id\": 12}");
        }
        catch (JsonException exception)
        {
            return (null, $"the arguments are no JSON (line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1})");
        }
    }
}
