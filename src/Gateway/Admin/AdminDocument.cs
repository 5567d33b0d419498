using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Callgate.Gateway.Admin;

/// <summary>The OpenAPI description of <c>/api/v1</c>: only administration, and no trace of where it runs.</summary>
internal static class AdminDocument
{
    private const string Scheme = "operator";

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static description => $"/{description.RelativePath}".StartsWith(AdminEndpoints.Prefix + "/", StringComparison.Ordinal);
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Callgate administration",
                Version = "v1",
                Description = "Servers, policies, grants, operators, the record and stops. Needs a session of an operator with a role that may, or the administrator's token.",
            };

            // The address differs between installations, so that the committed copy could not be compared.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The token of a session, or the one in `admin.token` of the data folder." },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
            return Task.CompletedTask;
        });
    }
}
