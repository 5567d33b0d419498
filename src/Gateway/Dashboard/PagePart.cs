using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>A part of a page, which the script asks for under a type of its own and puts in the place of the one it has. No browser shows it as a page.</summary>
internal static class PagePart
{
    private const string Type = "text/vnd.callgate.results";

    /// <summary>Whether the part is asked for and not the page.</summary>
    public static bool IsAsked(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        return context.Request.Headers.Accept == Type;
    }

    public static PageResult<TPart> Of<TPart>(Dictionary<string, object?> parameters)
        where TPart : IComponent => new(parameters, type: Type + "; charset=utf-8");
}
