using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy;

/// <summary>How a document is spelled. What it means is the same in both.</summary>
public sealed class PolicySyntax
{
    private readonly Func<DiagnosticSink, Node?> read;

    private PolicySyntax(string name, Func<DiagnosticSink, Node?> read) => (Name, this.read) = (name, read);

    /// <summary>JSON, which is also what a store keeps.</summary>
    public static PolicySyntax Json { get; } = new("JSON", DocumentReader.Read);

    /// <summary>YAML 1.2 without anchors, aliases, tags, merges and directives, its numbers as JSON writes them.</summary>
    public static PolicySyntax Yaml { get; } = new("YAML", YamlReader.Read);

    /// <summary><c>JSON</c> or <c>YAML</c>.</summary>
    public string Name { get; }

    /// <summary>YAML for names that end in <c>.yaml</c> or <c>.yml</c>, in any case; JSON for all others.</summary>
    public static PolicySyntax OfFileName(string fileName) =>
        fileName.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || fileName.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) ? Yaml : Json;

    /// <summary>
    /// The same document in JSON, for keeping. JSON stays as it is, byte for byte. Whether the document is a policy is not
    /// looked at: <see cref="PolicyCompiler"/> says that.
    /// </summary>
    /// <param name="text">The document in this syntax.</param>
    /// <param name="diagnostics">Why it cannot be read; empty exactly when there is a result.</param>
    public byte[]? ToJson(ReadOnlyMemory<byte> text, out ImmutableArray<PolicyDiagnostic> diagnostics)
    {
        var sink = new DiagnosticSink(new SourceText(text));
        var root = Read(sink);
        var json = root is null || this == Json ? text.ToArray() : root.ToUtf8();
        if (root is not null && json.Length > DocumentReader.MostBytes)
        {
            sink.Fatal(0, "the document is larger than 1 MiB once it is JSON", "split it into policies of their own");
        }

        diagnostics = sink.Errors;
        return sink.HasErrors ? null : json;
    }

    internal Node? Read(DiagnosticSink sink) => read(sink);
}
