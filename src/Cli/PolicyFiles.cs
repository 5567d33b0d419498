using System.Text.Json;
using Callgate.Gateway;
using Callgate.Gateway.Configuration;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary>The files that commands about policies read.</summary>
internal static class PolicyFiles
{
    private static readonly EnumerationOptions InOrder = new() { MatchCasing = MatchCasing.CaseSensitive, IgnoreInaccessible = true };

    public static byte[] Bytes(string file)
    {
        var (bytes, fault) = BoundedFile.Read(file);
        return bytes ?? throw new CommandFault(ExitCode.Failed, $"callgate: `{file}` {fault}");
    }

    /// <summary>A document that has to be one.</summary>
    public static PolicyCompilation Policy(string file, IReadOnlyList<OfferedTool>? tools = null)
    {
        var compilation = PolicyCompiler.Compile(Bytes(file), PolicySyntax.OfFileName(file), null, tools);
        return compilation.Policy is not null
            ? compilation
            : throw new CommandFault(ExitCode.Failed, [$"callgate: `{file}` is no policy", .. compilation.Diagnostics.Select(found => $"{file}:{Place(found)}")]);
    }

    /// <summary>As a store keeps it. YAML is checked here, since the gate's findings would stand at places of another text.</summary>
    public static byte[] Document(string file)
    {
        var bytes = Bytes(file);
        var syntax = PolicySyntax.OfFileName(file);
        if (syntax == PolicySyntax.Json)
        {
            return bytes;
        }

        var errors = PolicyCompiler.Compile(bytes, syntax).Diagnostics;
        var json = syntax.ToJson(bytes, out var unkept);
        return errors.IsEmpty && json is not null
            ? json
            : throw new CommandFault(ExitCode.Failed, [$"callgate: `{file}` has errors, so it was not saved", .. errors.Concat(unkept).Distinct().Select(Diagnostics.Line)]);
    }

    /// <summary>A finding behind its file's name.</summary>
    public static string Place(PolicyDiagnostic found, string kind = "error") =>
        $"{found.Line}:{found.Column}: {kind}: {found.Message}{Diagnostics.Advice(found.Suggestion)}";

    /// <summary>The list of tools in a file, in any of the forms it lies around in.</summary>
    public static IReadOnlyList<OfferedTool> Tools(string file) =>
        OfferedTool.ReadList(Json(Bytes(file), $"`{file}`"))?.Select(Categorised).ToList()
        ?? throw new CommandFault(ExitCode.Failed, $"callgate: `{file}` is no list of tools; save the answer to tools/list, or what `callgate server tools NAME --json` prints");

    /// <summary>A tool that comes without a category has the one that its definition says.</summary>
    private static OfferedTool Categorised(OfferedTool tool) =>
        tool.Category is null ? tool with { Category = Categories.Of(tool.Definition) } : tool;

    public static JsonElement Json(ReadOnlyMemory<byte> bytes, string what)
    {
        try
        {
            return JsonElement.Parse(bytes.Span, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException fault)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: {what} is not JSON (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1})");
        }
    }

    /// <summary>Patterns that a shell left as they are, and names. What matches nothing stays, and is reported as a file that is not there.</summary>
    public static List<string> Expand(IEnumerable<string> given) => [.. given.SelectMany(Expand)];

    private static IEnumerable<string> Expand(string given)
    {
        var name = Path.GetFileName(given);
        var folder = Path.GetDirectoryName(given);
        if (File.Exists(given) || name.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return [given];
        }

        var parent = string.IsNullOrEmpty(folder) ? "." : folder;
        var found = Directory.Exists(parent) ? Directory.EnumerateFiles(parent, name, InOrder).Order(StringComparer.Ordinal).ToList() : [];
        return found.Count == 0 ? [given] : string.IsNullOrEmpty(folder) ? found.Select(static path => Path.GetFileName(path)) : found;
    }
}
