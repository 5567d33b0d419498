using System.Text;
using Callgate.Gateway.Discovery;
using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>A document that somebody writes, as the compiler, the linter and the table of a server's tools see it. Nothing is saved by it.</summary>
/// <param name="Text">The document as it is written.</param>
/// <param name="Compilation">What the compiler says of it, held against the server's tools.</param>
/// <param name="Sheet">Null while the document has errors.</param>
public sealed record PolicyDraft(string Text, PolicyCompilation Compilation, PolicySheet? Sheet)
{
    /// <summary>Where a policy begins that nobody has written yet.</summary>
    public const string Empty = "{\n  \"version\": \"1\",\n  \"default\": \"deny\"\n}\n";

    public byte[] Document => Encoding.UTF8.GetBytes(Text);

    /// <param name="now">One snapshot for all of it.</param>
    /// <param name="tools">The reviewed tools of the server that it is written for; empty for none.</param>
    public static PolicyDraft Of(Snapshot now, string text, IReadOnlyList<OfferedTool> tools)
    {
        var document = Encoding.UTF8.GetBytes(text);
        var compilation = PolicyCompiler.Compile(document, (server, tool) => PinBook.ForTests(now, server, tool), tools.Count == 0 ? null : tools);
        return new PolicyDraft(text, compilation, PolicySheet.Of(document, tools));
    }
}
