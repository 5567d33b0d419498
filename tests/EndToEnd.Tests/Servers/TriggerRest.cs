using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Callgate.EndToEnd.Tests.Servers;

/// <summary>
/// A stand-in for Trigger.dev's REST interface with one project and one run in it, as far as the MCP server of 4.4.3 asks
/// for it, and a list of what was asked.
/// </summary>
internal sealed class TriggerRest : IAsyncDisposable
{
    public const string AccessToken = "tr_pat_0123456789abcdefghijklmnopqrstuvwxyzabcd";
    public const string Project = "proj_standin";
    public const string Run = "run_standin1";

    private const string Created = "2026-01-01T00:00:00.000Z";

    private readonly WebApplication web;
    private readonly ConcurrentQueue<string> seen = new();
    private volatile string status = "EXECUTING";

    private TriggerRest(WebApplication web) => this.web = web;

    public Uri Root { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Every request in order of arrival, as `GET /path`.</summary>
    public IReadOnlyList<string> Seen => [.. seen];

    /// <summary>What the run is doing.</summary>
    public string Status => status;

    public static async Task<TriggerRest> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var rest = new TriggerRest(builder.Build());
        rest.Map();
        await rest.web.StartAsync();
        rest.Root = new Uri(rest.web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return rest;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private static JsonObject Environment(string name) => new() { ["id"] = "env_1", ["name"] = name };

    private void Map()
    {
        web.Use(async (context, next) =>
        {
            seen.Enqueue($"{context.Request.Method} {context.Request.Path}");
            var expected = context.Request.Path.StartsWithSegments("/api/v1/runs") || context.Request.Path.Value!.Contains("/runs/", StringComparison.Ordinal) ? "jwt-of-the-run" : AccessToken;
            if (context.Request.Headers.Authorization != "Bearer " + expected)
            {
                context.Response.StatusCode = 401;
                return;
            }

            await next(context);
        });
        web.MapGet("/api/v2/whoami", () => Json(new() { ["userId"] = "user_1", ["email"] = "ada@example.com", ["dashboardUrl"] = "http://127.0.0.1/dashboard" }));
        web.MapPost("/api/v1/projects/{project}/{environment}/jwt", () => Json(new() { ["token"] = "jwt-of-the-run" }));
        web.MapGet("/api/v1/runs", () => Json(new() { ["data"] = new JsonArray(RunNow()), ["pagination"] = new JsonObject() }));
        web.MapGet("/api/v3/runs/{run}", () => Json(RunNow()));
        web.MapPost("/api/v2/runs/{run}/cancel", (string run) =>
        {
            status = "CANCELED";
            return Json(new() { ["id"] = run });
        });
    }

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");

    private JsonObject RunNow() => new()
    {
        ["id"] = Run, ["status"] = status, ["taskIdentifier"] = "nightly-report", ["version"] = "20260101.1", ["env"] = Environment("dev"),
        ["isQueued"] = false, ["isExecuting"] = status == "EXECUTING", ["isWaiting"] = false, ["isCompleted"] = status == "CANCELED",
        ["isSuccess"] = false, ["isFailed"] = false, ["isCancelled"] = status == "CANCELED", ["isTest"] = false,
        ["createdAt"] = Created, ["updatedAt"] = Created, ["tags"] = new JsonArray("standin"), ["costInCents"] = 0, ["baseCostInCents"] = 0,
        ["durationMs"] = 0, ["depth"] = 0, ["triggerFunction"] = "trigger", ["attemptCount"] = 1, ["attempts"] = new JsonArray(),
        ["relatedRuns"] = new JsonObject(),
    };
}
