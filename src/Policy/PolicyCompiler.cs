using Callgate.Policy.Binding;
using Callgate.Policy.Judging;
using Callgate.Policy.Linting;
using Callgate.Policy.Reading;

namespace Callgate.Policy;

/// <summary>Turns a document into a policy, or into every reason why it is none.</summary>
public static class PolicyCompiler
{
    /// <summary>
    /// Reads, checks and compiles a JSON document of the policy language, version "1". Never throws, whatever the bytes;
    /// equal bytes give equal results.
    /// </summary>
    /// <param name="utf8Json">The document as stored; not kept.</param>
    /// <param name="tools">Looks up a tool by server and exact name, for <c>tests</c> that name a server; it gives null for what is not known. Null itself leaves those tests out.</param>
    /// <param name="offered">What a server offers; given, the document is also held against it, which finds more to warn of.</param>
    /// <returns>All errors, failing <c>tests</c> among them; or, when there is none, a policy and all warnings.</returns>
    public static PolicyCompilation Compile(ReadOnlyMemory<byte> utf8Json, Func<string, string, KnownTool?>? tools = null, IReadOnlyList<OfferedTool>? offered = null) =>
        Compile(utf8Json, PolicySyntax.Json, tools, offered);

    /// <summary>The same for a document in either syntax. Places are those of the text as given.</summary>
    /// <param name="utf8Text">The document as it stands in a file; not kept.</param>
    /// <param name="syntax">How it is spelled; <see cref="PolicySyntax.OfFileName"/> tells by a file's name.</param>
    /// <param name="tools">As above.</param>
    /// <param name="offered">As above.</param>
    public static PolicyCompilation Compile(
        ReadOnlyMemory<byte> utf8Text, PolicySyntax syntax, Func<string, string, KnownTool?>? tools = null, IReadOnlyList<OfferedTool>? offered = null)
    {
        var sink = new DiagnosticSink(new SourceText(utf8Text));
        return syntax.Read(sink) is { } root ? Compile(root, sink, tools, offered) : new PolicyCompilation(null, sink.Errors, []);
    }

    /// <summary>A document that was read already; errors of the reading are in the sink and keep it from compiling.</summary>
    internal static PolicyCompilation Compile(
        Node root, DiagnosticSink sink, Func<string, string, KnownTool?>? tools = null, IReadOnlyList<OfferedTool>? offered = null)
    {
        var model = DocumentBinder.Bind(root, sink);
        EntryCheck.Run(model, sink);
        CounterCheck.Run(model, sink);
        if (sink.HasErrors)
        {
            return new PolicyCompilation(null, sink.Errors, []);
        }

        var policy = new CompiledPolicy(model, NodeForm.DigestOf(root));
        TestRun.Run(model, policy, tools, sink);
        if (sink.HasErrors)
        {
            return new PolicyCompilation(null, sink.Errors, []);
        }

        // What an unreadable part means is a guess, and a warning about a guess is noise: warnings wait for the errors to go.
        Linter.Run(model, policy, offered, sink);
        return new PolicyCompilation(policy, [], sink.Warnings) { Notes = sink.Notes, Model = model };
    }
}
