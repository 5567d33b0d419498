using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>One page.</summary>
/// <param name="parameters">What the component shows.</param>
/// <param name="status">Of the answer.</param>
/// <param name="type">A part of a page, for a script, has a type of its own.</param>
internal sealed class PageResult<TPage>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK, string type = "text/html; charset=utf-8") : IResult
    where TPage : IComponent
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var around = new Surroundings(PageRoutes.IsFrontAlone(httpContext) ? CataloguePages.Root : "/", httpContext.Features.Get<WaitingCalls>()?.Count ?? 0);
        var html = await PageText.OfAsync<PageFrame<TPage>>(httpContext, new() { [nameof(PageFrame<TPage>.Around)] = around, [nameof(PageFrame<TPage>.Given)] = parameters });
        httpContext.Response.StatusCode = status;
        await Results.Content(html, type).ExecuteAsync(httpContext);
    }
}
