using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Callgate.Gateway.Dashboard;

/// <summary>A line of a difference within a <c>pre</c>, told apart by a sign as well as by its colour.</summary>
public sealed class LineOfDiff : ComponentBase
{
    [Parameter, EditorRequired]
    public DiffLine Line { get; set; } = null!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        var (element, sign) = Line.Fate switch
        {
            LineFate.Come => ("ins", "+ "),
            LineFate.Gone => ("del", "- "),
            LineFate.LeftOut => ("span", "… "),
            _ => (null, "  "),
        };
        if (element is not null)
        {
            builder.OpenElement(0, element);
        }

        builder.AddContent(1, sign + Line.Text);
        if (element is not null)
        {
            builder.CloseElement();
        }

        builder.AddContent(2, "\n");
    }
}
