using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Admin;

/// <summary>A change that was checked against one snapshot, or the fault that forbids it.</summary>
internal sealed record PlannedChange(AdminFault? Fault, OperatorAction? Action, Func<CancellationToken, ValueTask<IResult>>? Apply)
{
    public static PlannedChange No(AdminFault fault) => new(fault, null, null);

    public static PlannedChange Yes(OperatorAction action, Func<CancellationToken, ValueTask<IResult>> apply) => new(null, action, apply);
}

/// <summary>Checks, records and makes changes of the store, one at a time.</summary>
internal sealed class AdminChanges(AdminParts parts)
{
    public OperatorRecord Record { get; } = new(parts.Journal, parts.Time);

    /// <summary>The plan is made against the snapshot that is in force when its turn comes.</summary>
    public async Task<IResult> MakeAsync(HttpContext context, Func<Snapshot, PlannedChange> plan)
    {
        return await parts.Configurator.ChangeAsync<IResult>(
            async (snapshot, ct) =>
            {
                var planned = plan(snapshot);
                if (planned.Fault is { } fault)
                {
                    return (AdminJson.Fail(fault), false);
                }

                var applied = false;
                var result = await AroundAsync(
                    context,
                    planned.Action!,
                    () =>
                    {
                        applied = true;

                        // Once recorded, a client that goes away no longer stops it.
                        return planned.Apply!(CancellationToken.None);
                    });
                return (result, applied);
            },
            context.RequestAborted);
    }

    /// <summary>Records and makes what needs no turn of its own.</summary>
    /// <param name="after">What is then, where that is not known before.</param>
    public async ValueTask<IResult> AroundAsync(HttpContext context, OperatorAction action, Func<ValueTask<IResult>> change, Func<string>? after = null)
    {
        var (recorded, result) = await Record.AroundAsync(context, action, change, after);
        return recorded ? result! : AdminJson.Fail(AdminFault.NotRecorded);
    }
}
