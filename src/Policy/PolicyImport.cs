using System.Collections.Immutable;
using Callgate.Policy.Importing;
using Callgate.Policy.Reading;

namespace Callgate.Policy;

/// <summary>What became of a document of the older open proxy (Intercept).</summary>
/// <param name="Document">The policy in our language, as JSON; null where the document cannot be read at all.</param>
/// <param name="Lost">What could not be carried over, each with its place. A tool that loses a rule is refused until somebody has looked.</param>
/// <param name="Notes">What is carried over and means something slightly else.</param>
public sealed record PolicyImport(byte[]? Document, ImmutableArray<PolicyDiagnostic> Lost, ImmutableArray<PolicyDiagnostic> Notes)
{
    /// <summary>Reads a document and writes it in our language. Never throws, whatever the bytes.</summary>
    /// <param name="utf8Text">The document; not kept.</param>
    /// <param name="syntax">How it is spelled; theirs is YAML.</param>
    public static PolicyImport Read(ReadOnlyMemory<byte> utf8Text, PolicySyntax syntax)
    {
        var sink = new DiagnosticSink(new SourceText(utf8Text));
        if (syntax.Read(sink) is not { } root || sink.HasErrors)
        {
            return new PolicyImport(null, sink.Errors, []);
        }

        if (root.Kind != NodeKind.Object)
        {
            sink.Error(root, $"must be an object, not {root.KindName}");
            return new PolicyImport(null, sink.Errors, []);
        }

        var document = InterceptDocument.Write(root, sink);
        return new PolicyImport(document, sink.Errors, sink.Notes);
    }
}
