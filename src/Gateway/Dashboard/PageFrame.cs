using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Callgate.Gateway.Dashboard;

/// <summary>A page with what it has to know of the address that was asked.</summary>
public sealed class PageFrame<TPage> : ComponentBase
    where TPage : IComponent
{
    /// <summary>On an address that serves the front alone there is nothing at the root.</summary>
    [Parameter, EditorRequired]
    public string Home { get; set; } = "/";

    [Parameter, EditorRequired]
    public Dictionary<string, object?> Given { get; set; } = [];

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenComponent<CascadingValue<string>>(0);
        builder.AddComponentParameter(1, nameof(CascadingValue<string>.Name), PageFrame.HomeName);
        builder.AddComponentParameter(2, nameof(CascadingValue<string>.Value), Home);
        builder.AddComponentParameter(3, nameof(CascadingValue<string>.IsFixed), true);
        builder.AddComponentParameter(4, nameof(CascadingValue<string>.ChildContent), (RenderFragment)(inner =>
        {
            inner.OpenComponent<TPage>(0);
            inner.AddMultipleAttributes(1, Given!);
            inner.CloseComponent();
        }));
        builder.CloseComponent();
    }
}

/// <summary>Names of what pages are told so.</summary>
public static class PageFrame
{
    /// <summary>Where the beginning is.</summary>
    public const string HomeName = "Home";
}
