using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Admin;

/// <summary>
/// <c>/api/v1</c>: what operators do, behind the administrator's token or a session of the command line (security property
/// S18); <see cref="Access"/> says who may do what. The document that describes it is readable without, and signing in is open.
/// </summary>
public static partial class AdminEndpoints
{
    public const string Prefix = "/api/v1";

    /// <summary>What the description of the API needs from the container.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(static options => AdminJson.Configure(options.SerializerOptions));
        return services.AddOpenApi("v1", AdminDocument.Configure);
    }

    public static void MapAdmin(this IEndpointRouteBuilder app, AdminParts parts)
    {
        app.MapOpenApi(Prefix + "/openapi.json");
        var changes = new AdminChanges(parts);
        var group = app.MapGroup(Prefix).AddEndpointFilter((context, next) => GuardAsync(parts, changes, context, next));
        new StatusEndpoints(parts).Map(group);
        new ServerEndpoints(parts, changes).Map(group);
        new PolicyEndpoints(parts).Map(group);
        new ProposalEndpoints(parts).Map(group);
        new PolicyToolsEndpoints(parts).Map(group);
        new GrantEndpoints(parts.Grants).Map(group);
        new ApprovalEndpoints(parts).Map(group);
        new AuditEndpoints(parts, changes).Map(group);
        new RecordEndpoints(parts, changes).Map(group);
        new ShadowEndpoints(parts, changes).Map(group);
        new CatalogueEndpoints(parts, changes).Map(group);
        new StopEndpoints(parts, changes).Map(group);
        new BackupEndpoints(parts, changes).Map(group);
        new OperatorEndpoints(parts).Map(group);
        new SessionEndpoints(parts).Map(group);
        new FactorEndpoints(parts).Map(group);
    }

    private static async ValueTask<object?> GuardAsync(
        AdminParts parts, AdminChanges changes, EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var endpoint = context.GetEndpoint()?.Metadata;
        var access = endpoint?.GetMetadata<Access>();
        if (!ReferenceEquals(access, Access.Open))
        {
            var presented = Bearer(context);
            if (Who(parts, presented) is not { } actor)
            {
                await changes.Record.RefusedAsync(context, presented is not null);
                return Unauthorized(context, "sign in with `callgate login`, or send the administrator's token of the data folder (`admin.token`) as `Authorization: Bearer`");
            }

            if (access?.Allows(actor) != true)
            {
                await changes.Record.ForbiddenAsync(context, actor, endpoint?.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "a route without a name");
                return AdminJson.Fail(new AdminFault(403, AdminCodes.Forbidden, access?.Needs(actor) ?? "nobody may use this route"));
            }

            context.Features.Set(actor);
        }

        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return await next(invocation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            return Broken(parts.Log, context, exception);
        }
    }

    /// <summary>Always as a bearer's challenge: at `Basic` a browser would ask for a password by itself.</summary>
    internal static IResult Unauthorized(HttpContext context, string message, string code = AdminCodes.Unauthorized)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"callgate administration\"";
        return AdminJson.Fail(new AdminFault(401, code, message));
    }

    private static Actor? Who(AdminParts parts, string? presented) =>
        presented is null ? null : parts.Token.Accepts(presented) ? Actor.Token : parts.Sessions.Find(presented, SessionKind.Cli);

    private static IResult Broken(ILogger log, HttpContext context, Exception exception)
    {
        Log.Failed(log, context.Request.Method, context.Request.Path, exception);
        return exception is Storage.StoreException or ObjectDisposedException or IOException or TimeoutException
            ? AdminJson.Fail(new AdminFault(503, AdminCodes.StoreUnavailable, "the store does not answer; try again, and look into the log of the gate"))
            : AdminJson.Fail(new AdminFault(500, AdminCodes.Internal, "something broke; look into the log of the gate"));
    }

    /// <summary>Exactly one header with exactly one token; nothing else is read as a credential.</summary>
    internal static string? Bearer(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        return headers is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length < 512
            ? header[7..].Trim()
            : null;
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Error, "administration failed: {Method} {Path}")]
        public static partial void Failed(ILogger log, string method, string path, Exception exception);
    }
}
