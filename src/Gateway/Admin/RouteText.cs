using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Admin;

/// <summary>What the description says of a route.</summary>
internal static class RouteText
{
    /// <summary>Name, who may use it, tag, sentence, the answer on success and the refusals that can come.</summary>
    public static RouteHandlerBuilder Describe<T>(this RouteHandlerBuilder route, string name, string summary, int success, params int[] refusals)
    {
        var tag = name[..name.IndexOf('.', StringComparison.Ordinal)];
        route.WithMetadata(Access.Of(name)).WithName(name).WithTags(tag).WithSummary(summary).Produces<T>(success);
        int[] always = Access.Of(name).Roles is Roles.Any or Roles.None ? [401] : [401, 403];
        foreach (var status in always.Union(refusals).Order())
        {
            route.Produces<ErrorReply>(status);
        }

        return route;
    }
}
