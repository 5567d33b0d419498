using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Callgate.Gateway.Dashboard;

/// <summary>A page with what it has to know of what is around it.</summary>
public sealed class PageFrame<TPage> : ComponentBase
    where TPage : IComponent
{
    [Parameter, EditorRequired]
    public Surroundings Around { get; set; } = Surroundings.Nothing;

    [Parameter, EditorRequired]
    public Dictionary<string, object?> Given { get; set; } = [];

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenComponent<CascadingValue<Surroundings>>(0);
        builder.AddComponentParameter(1, nameof(CascadingValue<Surroundings>.Value), Around);
        builder.AddComponentParameter(2, nameof(CascadingValue<Surroundings>.IsFixed), true);
        builder.AddComponentParameter(3, nameof(CascadingValue<Surroundings>.ChildContent), (RenderFragment)(inner =>
        {
            inner.OpenComponent<TPage>(0);
            inner.AddMultipleAttributes(1, Given!);
            inner.CloseComponent();
        }));
        builder.CloseComponent();
    }
}

/// <summary>What every page is told.</summary>
/// <param name="Home">Where the beginning is: on an address that serves the front alone there is nothing at the root.</param>
/// <param name="Waiting">How many calls wait for a person; 0 where nobody is signed in.</param>
public sealed record Surroundings(string Home, int Waiting)
{
    public static Surroundings Nothing { get; } = new("/", 0);
}

/// <summary>How many calls wait for a person; known where somebody is signed in.</summary>
internal sealed record WaitingCalls(int Count);
