using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway;

/// <summary>A change that was checked against one snapshot, with what it comes to; without an action it is refused.</summary>
internal sealed record Planned<T>(OperatorAction? Action, Func<CancellationToken, ValueTask>? Apply, T Result)
{
    public static Planned<T> No(T refused) => new(null, null, refused);
}

/// <summary>How desks change the store. INVARIANT: one change at a time, recorded before it is made, in force before it is answered.</summary>
internal sealed class RecordedChanges(Configurator configurator, Journal journal, TimeProvider time)
{
    public OperatorRecord Record { get; } = new(journal, time);

    /// <summary>The plan is made against the snapshot that is in force when its turn comes; once recorded, a client that goes away no longer stops it.</summary>
    /// <param name="unrecorded">What it comes to when the journal cannot record it; then nothing was changed.</param>
    public ValueTask<T> MakeAsync<T>(HttpContext context, T unrecorded, Func<Snapshot, Planned<T>> plan) => configurator.ChangeAsync(
        async (snapshot, _) =>
        {
            var planned = plan(snapshot);
            if (planned.Action is not { } action)
            {
                return (planned.Result, false);
            }

            var (recorded, done) = await Record.AroundAsync(context, action, async () =>
            {
                await planned.Apply!(CancellationToken.None);
                return planned.Result;
            });
            return (recorded ? done! : unrecorded, recorded);
        },
        context.RequestAborted);
}
