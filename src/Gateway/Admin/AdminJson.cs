using System.Text.Json;
using System.Text.Json.Serialization;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Admin;

/// <summary>JSON in and out of <c>/api/v1</c>: one spelling (snake_case), bounded, strict.</summary>
internal static class AdminJson
{
    public const int MaxBody = 1 << 20;

    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectRequiredConstructorParameters = true;
        options.RespectNullableAnnotations = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        return options;
    }

    public static IResult Ok<T>(T value, int status = 200) => Results.Json(value, Options, statusCode: status);

    public static IResult Fail(AdminFault fault) =>
        Results.Json(new ErrorReply(new ErrorBody(fault.Code, fault.Message, fault.Details ?? [])), Options, statusCode: fault.Status);

    /// <summary>A digest for the record, of what an answer shows.</summary>
    public static string Digest<T>(T shown) => ChangeText.Digest(JsonSerializer.SerializeToUtf8Bytes(shown, Options));

    /// <summary>The body as bytes, at most <see cref="MaxBody"/>.</summary>
    public static async ValueTask<(byte[]? Body, AdminFault? Fault)> BytesAsync(HttpContext context, CancellationToken ct)
    {
        if (!context.Request.HasJsonContentType())
        {
            return (null, new AdminFault(415, AdminCodes.Invalid, "send the body as `application/json`"));
        }

        var buffer = new byte[16 * 1024];
        using var body = new MemoryStream();
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > MaxBody)
            {
                return (null, new AdminFault(413, AdminCodes.TooLarge, "the body is larger than 1 MiB"));
            }

            body.Write(buffer, 0, read);
        }

        return (body.ToArray(), null);
    }

    public static async ValueTask<(T? Value, AdminFault? Fault)> ReadAsync<T>(HttpContext context, CancellationToken ct)
        where T : class
    {
        var (body, fault) = await BytesAsync(context, ct);
        if (body is null)
        {
            return (null, fault);
        }

        var root = StrictJson.Parse(body, out var wrong);
        if (root is null)
        {
            return (null, AdminFault.Invalid(wrong!.Message));
        }

        try
        {
            return root.Value.Deserialize<T>(Options) is { } value ? (value, null) : (null, AdminFault.Invalid("the body must be an object"));
        }
        catch (JsonException exception)
        {
            // The library's text names our types; the place is what helps.
            return (null, AdminFault.Invalid($"`{exception.Path ?? "$"}` is missing a member, is not known, or has another type than it must"));
        }
    }
}
