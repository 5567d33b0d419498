using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Changes of operators. INVARIANT: one at a time, recorded before it is made, in force before it is answered.
/// </summary>
internal sealed class OperatorChanges(Configurator configurator, Journal journal, TimeProvider time)
{
    public OperatorRecord Record { get; } = new(journal, time);

    /// <summary>What stands in the record of an operator.</summary>
    public static string Describe(Operator person) => $"{person.Name}: {string.Join(", ", RoleText.Of(person.Roles))}; identity {person.Identity ?? "none"}";

    /// <summary>The plan is made against the snapshot that is in force when its turn comes; once recorded, a client that goes away no longer stops it.</summary>
    public ValueTask<Administered> MakeAsync(HttpContext context, Func<Snapshot, OperatorPlan> plan) => configurator.ChangeAsync(
        async (snapshot, _) =>
        {
            var planned = plan(snapshot);
            if (planned.Action is not { } action)
            {
                return (planned.Result, false);
            }

            var (recorded, done) = await Record.AroundAsync(context, action, async () =>
            {
                await planned.Apply!();
                return planned.Result;
            });
            return (recorded ? done! : new Administered(AdministeredOutcome.NotRecorded), recorded);
        },
        context.RequestAborted);
}

/// <summary>A change that was checked, with what it comes to; without an action it is refused.</summary>
internal sealed record OperatorPlan(OperatorAction? Action, Func<ValueTask>? Apply, Administered Result)
{
    public static OperatorPlan No(Administered refused) => new(null, null, refused);
}
