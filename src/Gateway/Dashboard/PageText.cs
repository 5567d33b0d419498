using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// A component rendered whole, as text. The renderer alone is used, without the framework's services for components, whose
/// start every gate would pay for, and none of whose scripts we serve.
/// </summary>
internal static class PageText
{
    public static async Task<string> OfAsync<TComponent>(HttpContext context, Dictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(context.RequestServices, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
