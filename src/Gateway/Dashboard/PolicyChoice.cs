using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Policies;
using Callgate.Policy;

namespace Callgate.Gateway.Dashboard;

/// <summary>What of the catalogue is to go into a policy, and into which.</summary>
/// <param name="Server">In the catalogue.</param>
/// <param name="Tool">Null for all tools of the server.</param>
/// <param name="Tools">What a policy is recommended by.</param>
public sealed record PolicyChoice(string Server, string? Tool, IReadOnlyList<OfferedTool> Tools)
{
    /// <summary>The policy, which may be new; empty while none is chosen.</summary>
    public string To { get; init; } = "";

    /// <summary>The server behind the gate that the difference is held against; empty where there is none.</summary>
    public string On { get; init; } = "";

    /// <summary>Why it cannot be worked out; null where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>For the history of the policy, on one line and short.</summary>
    public string Note => $"from the catalogue: {(Tool is null ? $"all tools of {Short(Server)}" : $"{Short(Tool)} of {Short(Server)}")}";

    public string Page => $"{ApplyPages.PathOf(Server, Tool)}&on={Uri.EscapeDataString(On)}&to={Uri.EscapeDataString(To)}";

    public string Save(MergedPolicy merged) => FormattableString.Invariant($"{Page}&from={merged.From}&digest={merged.Digest}");

    private static string Short(string name) => CatalogueText.Cut(Approvals.Shown.Line(name), 80);
}
