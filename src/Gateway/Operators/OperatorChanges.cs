using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>Changes of operators, made as every desk makes its own.</summary>
internal sealed class OperatorChanges(Configurator configurator, Journal journal, TimeProvider time)
{
    private readonly RecordedChanges changes = new(configurator, journal, time);

    public OperatorRecord Record => changes.Record;

    /// <summary>What stands in the record of an operator.</summary>
    public static string Describe(Operator person) => $"{person.Name}: {string.Join(", ", RoleText.Of(person.Roles))}; identity {person.Identity ?? "none"}";

    public ValueTask<Administered> MakeAsync(HttpContext context, Func<Snapshot, Planned<Administered>> plan) =>
        changes.MakeAsync(context, new Administered(AdministeredOutcome.NotRecorded), plan);
}
