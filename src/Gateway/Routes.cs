using Callgate.Gateway.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway;

/// <summary>Which path is served on which address. Administration never answers on the front once it has an address of its own.</summary>
public static class Routes
{
    public static void Map(WebApplication app, Composition gate)
    {
        app.Use((http, next) => ServeAsync(http, next, gate));
        app.UseRouting();
        app.MapGet("/healthz", static () => Results.Text("alive\n"));
        app.MapGet("/readyz", () => Ready(gate));
        app.MapGet("/metrics", () => Results.Text(gate.Metrics.Render(), "text/plain; version=0.0.4"));
        app.MapAdmin(gate.Admin);
    }

    private static async Task ServeAsync(HttpContext http, RequestDelegate next, Composition gate)
    {
        var path = http.Request.Path;
        var operations = path == "/healthz" || path == "/readyz";
        var front = path.StartsWithSegments("/mcp", StringComparison.OrdinalIgnoreCase, out var rest);
        var side = http.Features.Get<ListenerSide>() ?? ListenerSide.Both;
        if (!operations && !(front ? side.Front : side.Admin))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // The front checks for itself, so that a refusal there stands in the record.
        if (!front && gate.Guard.Fault(http.Request) is { } fault)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await http.Response.WriteAsync(fault + "\n").ConfigureAwait(false);
            return;
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        await (front && ServerOf(rest) is { } server ? gate.Endpoint.HandleAsync(http, server) : next(http)).ConfigureAwait(false);
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
