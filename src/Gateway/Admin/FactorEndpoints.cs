using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>Who asks about the own second factor shows that it is the operator.</summary>
/// <param name="Current">The password that holds now.</param>
/// <param name="Code">Of the second factor there is, or a recovery code; left out by who has none.</param>
public sealed record FactorBody(string Current, string? Code = null);

/// <summary>The first code of a device.</summary>
public sealed record FactorCodeBody(string Code);

/// <summary>A second factor that waits for its first code.</summary>
/// <param name="Secret">Base32, to be typed into a device; shown this once.</param>
/// <param name="Address">The same as <c>otpauth://</c>, for a picture.</param>
public sealed record FactorBegun(string Secret, string Address);

/// <summary>A second factor that is on.</summary>
/// <param name="RecoveryCodes">Each for one sign-in without the device; shown this once.</param>
public sealed record FactorOn(IReadOnlyList<string> RecoveryCodes);

/// <summary>A second factor that is off.</summary>
public sealed record FactorOff(string Name);

/// <summary><c>/api/v1/session/factor</c>: one's own second factor.</summary>
internal sealed class FactorEndpoints(AdminParts parts)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapPost("/session/factor", (HttpContext context, CancellationToken ct) => BeginAsync(context, ct))
            .Accepts<FactorBody>("application/json")
            .Describe<FactorBegun>("factor.begin", "Begins to set up one's own second factor, and shows its secret, once", 200, 400, 413, 415, 429, 503);
        group.MapPut("/session/factor", (HttpContext context, CancellationToken ct) => ConfirmAsync(context, ct))
            .Accepts<FactorCodeBody>("application/json")
            .Describe<FactorOn>("factor.confirm", "Turns on the second factor that was begun, by the first code of its device, and shows the recovery codes, once", 200, 400, 409, 413, 415, 503);
        group.MapPost("/session/factor/off", (HttpContext context, CancellationToken ct) => TurnOffAsync(context, ct))
            .Accepts<FactorBody>("application/json")
            .Describe<FactorOff>("factor.off", "Turns off one's own second factor, unless everybody has to have one", 200, 400, 409, 413, 415, 429, 503);
    }

    private async Task<IResult> BeginAsync(HttpContext context, CancellationToken ct)
    {
        if (await AdminJson.ReadAsync<FactorBody>(context, ct) is var (body, fault) && body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var (done, enrolment) = await parts.SecondFactors.BeginAsync(context, Actor.Of(context)!, body.Current, body.Code);
        return OperatorEndpoints.Answer(context, done, _ => new FactorBegun(enrolment!.Text, enrolment.AddressAt(parts.Pages.At("")?.Host ?? "")));
    }

    private async Task<IResult> ConfirmAsync(HttpContext context, CancellationToken ct)
    {
        if (await AdminJson.ReadAsync<FactorCodeBody>(context, ct) is var (body, fault) && body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var (done, _, codes) = await parts.SecondFactors.ConfirmAsync(context, Actor.Of(context)!, body.Code);
        return OperatorEndpoints.Answer(context, done, _ => new FactorOn(codes));
    }

    private async Task<IResult> TurnOffAsync(HttpContext context, CancellationToken ct)
    {
        if (await AdminJson.ReadAsync<FactorBody>(context, ct) is var (body, fault) && body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var done = await parts.SecondFactors.TurnOffAsync(context, Actor.Of(context)!, body.Current, body.Code);
        return OperatorEndpoints.Answer(context, done, static turned => new FactorOff(turned.Name));
    }
}
