using System.Security.Cryptography;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Discovery;
using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>
/// What a policy would be with what is recommended for some tools in it. Nothing is saved by it: <see cref="PolicyDesk"/> does
/// that, of exactly this document, while the revision it was made from is in force.
/// </summary>
/// <param name="Name">The policy.</param>
/// <param name="From">The revision it was made from; 0 where there is no policy of the name yet.</param>
/// <param name="Declared">The configuration file alone can change it.</param>
/// <param name="Before">What is in force, laid out as <paramref name="Document"/> is; empty where nothing is.</param>
/// <param name="Document">What would be.</param>
public sealed record MergedPolicy(string Name, long From, bool Declared, byte[] Before, byte[] Document)
{
    private static readonly byte[] Nothing = """{"version":"1","default":"deny"}"""u8.ToArray();

    /// <summary>SHA-256, lower-case hex.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Document));

    public bool ChangesNothing => Before.AsSpan().SequenceEqual(Document);

    /// <summary>What keeps it from being saved; empty where nothing does.</summary>
    public IReadOnlyList<PolicyDiagnostic> Errors { get; private init; } = [];

    /// <summary>What the linter says of it and did not say before.</summary>
    public IReadOnlyList<PolicyDiagnostic> Warnings { get; private init; } = [];

    /// <summary>What becomes of the tools; null where it cannot be saved.</summary>
    public DiffReply? Diff { get; private init; }

    /// <summary>Why a policy cannot be called so; null when it can.</summary>
    public static string? NameFault(string name) => Naming.IsName(name) ? null : Naming.Rule;

    /// <param name="now">One snapshot for all of it.</param>
    /// <param name="name">A policy in force, or the name of one that is to be.</param>
    /// <param name="server">The registered server whose reviewed tools it is held against.</param>
    /// <param name="tools">What a policy is recommended by.</param>
    public static MergedPolicy Of(Snapshot now, string name, string server, IReadOnlyList<OfferedTool> tools)
    {
        var recommended = PolicyRecommendation.Write(tools);
        var known = now.Policies.GetValueOrDefault(name);
        var document = known is null ? recommended : PolicyMerge.Write(known.Document, recommended);
        var reviewed = ReviewedTools.Of(now, server);
        var before = PolicyCompiler.Compile(known?.Document ?? Nothing, null, reviewed);
        var after = PolicyCompiler.Compile(document, (of, tool) => PinBook.ForTests(now, of, tool), reviewed);
        var said = before.Warnings.Select(static warning => warning.Message).ToHashSet(StringComparer.Ordinal);
        return new MergedPolicy(name, known?.Revision ?? 0, known?.Declared ?? false, known is null ? [] : PolicyMerge.Laid(known.Document), document)
        {
            Errors = after.Diagnostics,
            Warnings = [.. after.Warnings.Where(warning => !said.Contains(warning.Message))],
            Diff = before.Policy is null || after.Policy is null ? null
                : DiffReply.Of(PolicyDiff.Compare(before, after, [.. reviewed, .. tools.Where(tool => !reviewed.Any(one => one.Name == tool.Name))])),
        };
    }
}
