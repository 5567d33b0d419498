using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// One page: a component rendered whole on the server. The renderer alone is used, without the framework's services for
/// components, whose start every gate would pay for, and none of whose scripts we serve.
/// </summary>
internal sealed class PageResult<TPage>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK) : IResult
    where TPage : IComponent
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        string html;
        await using (var renderer = new HtmlRenderer(httpContext.RequestServices, NullLoggerFactory.Instance))
        {
            html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        }

        httpContext.Response.StatusCode = status;
        await Results.Content(html, "text/html; charset=utf-8").ExecuteAsync(httpContext);
    }
}
