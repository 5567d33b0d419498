using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Gateway.Approvals;

/// <summary>Between which definitions of its tool an approval was asked for.</summary>
/// <param name="Reviewed">The fingerprint of the reviewed one, which agents are shown.</param>
/// <param name="Shown">The fingerprint of the one that the server shows, and would act by.</param>
/// <param name="Changes">What differs; null once these are not the two definitions any more.</param>
/// <param name="ReviewedCategory">The category of the reviewed one; null without one.</param>
/// <param name="ShownCategory">The category of the other; null without one.</param>
public sealed record ApprovalDrift(string Reviewed, string Shown, IReadOnlyList<DefinitionChange>? Changes, string? ReviewedCategory, string? ShownCategory)
{
    /// <summary>Null where nothing had changed.</summary>
    public static ApprovalDrift? Of(Approval approval, Snapshot now)
    {
        if (approval.ShownDefinition is not { } fingerprint)
        {
            return null;
        }

        return now.Pinned(approval.PinKey, approval.Server, approval.Tool) is ({ } tool, { } shown) && tool.Fingerprint == approval.Definition && shown.Fingerprint == fingerprint
            ? new ApprovalDrift(approval.Definition, fingerprint, DefinitionDiff.Compare(JsonElement.Parse(tool.Definition.Span), shown.Definition), tool.Category?.ToString(), shown.Category?.ToString())
            : new ApprovalDrift(approval.Definition, fingerprint, null, null, null);
    }
}
