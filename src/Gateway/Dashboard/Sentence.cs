using Callgate.Gateway.Approvals;
using Callgate.Gateway.Catalogue;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Callgate.Gateway.Dashboard;

/// <summary>A sentence of ours; what a server wrote in it stands apart, with every character seen. In code, because markup would put spaces between the parts.</summary>
public sealed class Sentence : ComponentBase
{
    [Parameter, EditorRequired]
    public Prose Says { get; set; } = null!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        foreach (var part in Says.Parts)
        {
            var element = part.Kind switch
            {
                ProseKind.Text => null,
                ProseKind.Quote => "q",
                _ => "code",
            };
            if (element is not null)
            {
                builder.OpenElement(0, element);
            }

            builder.AddContent(1, Shown.Line(part.Text));
            if (element is not null)
            {
                builder.CloseElement();
            }
        }
    }
}
