using Callgate.Gateway.Admin;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Dashboard;
using Callgate.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway;

/// <summary>Which path is served on which address. Administration never answers on the front once it has an address of its own.</summary>
public static class Routes
{
    private const string Alive = "/healthz";
    private const string Readied = "/readyz";
    private const string Metrics = "/metrics";

    /// <summary>What is for everybody answers on the front too.</summary>
    private static readonly PathString[] Shared = [CataloguePages.Root, AttackPages.Root, RegistryApi.Root, PageAssets.Root];

    private static readonly string[] Pages = [Alive, Readied, Metrics, PolicySchema.Path];

    public static void Map(WebApplication app, Composition gate)
    {
        app.Use((http, next) => ServeAsync(http, next, gate));
        app.UseRouting();
        app.MapAdmin(gate.Admin);
        app.MapDashboard(gate.Dashboard);
        gate.Registry.Map(app);
    }

    private static async Task ServeAsync(HttpContext http, RequestDelegate next, Composition gate)
    {
        var path = http.Request.Path;
        var page = PageOf(path);
        var front = path.StartsWithSegments("/mcp", StringComparison.OrdinalIgnoreCase, out var rest);
        var side = http.Features.Get<ListenerSide>() ?? ListenerSide.Both;
        if (!(front ? side.Front : side.Admin || page is Alive or Readied or PolicySchema.Path || IsShared(path)))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // The front checks for itself, so that a refusal there stands in the record; what the registry shows is for every origin.
        if (!front && (path.StartsWithSegments(RegistryApi.Root, StringComparison.OrdinalIgnoreCase) ? gate.Guard.HostFault(http.Request) : gate.Guard.Fault(http.Request)) is { } fault)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await http.Response.WriteAsync(fault + "\n").ConfigureAwait(false);
            return;
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        await (front && ServerOf(rest) is { } server ? gate.Endpoint.HandleAsync(http, server) : page is not null ? AnswerAsync(http, page, gate) : next(http)).ConfigureAwait(false);
    }

    private static bool IsShared(PathString path) => Shared.Any(root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// What is asked most needs no route: building the routes of administration would keep a gate from being ready. The path
    /// is compared as routes are, whatever its case and with one slash more at its end.
    /// </summary>
    private static string? PageOf(PathString path)
    {
        var asked = path.Value.AsSpan();
        asked = asked.EndsWith("/") ? asked[..^1] : asked;
        foreach (var page in Pages)
        {
            if (asked.Equals(page, StringComparison.OrdinalIgnoreCase))
            {
                return page;
            }
        }

        return null;
    }

    /// <summary>The same for everyone and as long as this version runs, so anyone may keep it for a while.</summary>
    private static IResult Schema(HttpContext http)
    {
        http.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Text(PolicySchema.Text, "application/schema+json");
    }

    private static Task AnswerAsync(HttpContext http, string page, Composition gate)
    {
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        {
            var answer = page switch
            {
                Alive => Results.Text("alive\n"),
                Readied => Ready(gate),
                PolicySchema.Path => Schema(http),
                _ => Results.Text(gate.Metrics.Render(), "text/plain; version=0.0.4"),
            };
            return answer.ExecuteAsync(http);
        }

        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Response.Headers.Allow = "GET, HEAD";
        return Task.CompletedTask;
    }

    /// <summary>The one segment behind <c>/mcp</c>; every call comes here, so it is not worth a route.</summary>
    private static string? ServerOf(PathString rest)
    {
        var name = rest.Value is ['/', .. var segment] ? segment.EndsWith('/') ? segment[..^1] : segment : "";
        return name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) ? name : null;
    }

    private static IResult Ready(Composition gate)
    {
        var checks = Readiness.Of(gate.Admin);
        var ready = !gate.Draining.Begun && checks.All(static check => check.Ok || !check.Required);
        var text = string.Concat(checks.Select(static check => $"{(check.Ok ? "ok  " : check.Required ? "fail" : "warn")} {check.Name}: {check.Text}\n"));
        return Results.Text((gate.Draining.Begun ? "draining\n" : "") + text, statusCode: ready ? 200 : 503);
    }
}
