using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Admin;

/// <summary>What the description says of a route.</summary>
internal static class RouteText
{
    /// <summary>Name, tag, sentence, the answer on success and the refusals that can come.</summary>
    public static RouteHandlerBuilder Describe<T>(this RouteHandlerBuilder route, string name, string summary, int success, params int[] refusals)
    {
        var tag = name[..name.IndexOf('.', StringComparison.Ordinal)];
        route.WithName(name).WithTags(tag).WithSummary(summary).Produces<T>(success);
        foreach (var status in refusals.Prepend(401))
        {
            route.Produces<ErrorReply>(status);
        }

        return route;
    }
}
