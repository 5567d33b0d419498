using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// One page: a component rendered whole on the server. The renderer alone is used, without the framework's services for
/// components, whose start every gate would pay for, and none of whose scripts we serve.
/// </summary>
/// <param name="parameters">What the component shows.</param>
/// <param name="status">Of the answer.</param>
/// <param name="type">A part of a page, for a script, has a type of its own.</param>
internal sealed class PageResult<TPage>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK, string type = "text/html; charset=utf-8") : IResult
    where TPage : IComponent
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        string html;
        await using (var renderer = new HtmlRenderer(httpContext.RequestServices, NullLoggerFactory.Instance))
        {
            var framed = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(PageFrame<TPage>.Home)] = HomeOf(httpContext), [nameof(PageFrame<TPage>.Given)] = parameters });
            html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<PageFrame<TPage>>(framed)).ToHtmlString());
        }

        httpContext.Response.StatusCode = status;
        await Results.Content(html, type).ExecuteAsync(httpContext);
    }

    private static string HomeOf(HttpContext context) => PageRoutes.IsFrontAlone(context) ? CataloguePages.Root : "/";
}
