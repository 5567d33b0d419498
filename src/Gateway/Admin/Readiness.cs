namespace Callgate.Gateway.Admin;

/// <summary>What must hold for calls to pass, in words; the same for <c>/readyz</c> and for operators.</summary>
public static class Readiness
{
    public static IReadOnlyList<Check> Of(AdminParts parts)
    {
        var journal = parts.Journal;
        var configurator = parts.Configurator;
        return
        [
            new Check("journal", journal.Healthy, true, journal.Healthy ? "calls are recorded" : $"calls are refused: the journal cannot be written ({journal.FaultDetail ?? "no detail"})"),
            new Check("store", !configurator.Stale, true, configurator.Stale ? "calls are refused: the configuration store has not answered for 60 s" : "the configuration is confirmed"),
            new Check("index", parts.Index.Healthy, false, parts.Index.Healthy ? "the record can be searched" : "the record cannot be searched; calls pass and are recorded"),
            new Check("heads", parts.Heads.Fault is null, false, parts.Heads.Fault is null ? "the end of the record is signed" : "the end of the record is not signed; `callgate audit key` says why"),
            new Check("anchors", !parts.Anchors.Faults.Any(), false, parts.Anchors.Faults.Any() ? "an anchor does not take signed heads; `callgate audit key` says which" : "no anchor is behind"),
            new Check(
                "file",
                configurator.FileErrors.IsEmpty,
                false,
                configurator.FileErrors.IsEmpty ? "the configuration file is in force" : "the configuration file is wrong or cannot be put in force; what it said before is in force"),
            new Check("isolation", parts.IsolationFault() is null, false, parts.IsolationFault() ?? "child processes cannot read the data folder"),
            new Check("webhooks", parts.WebhookFault() is null, false, parts.WebhookFault() ?? "no webhook has failed for long"),
            new Check("runtime", RuntimeFloor.Fault(Environment.Version) is null, false, RuntimeFloor.Fault(Environment.Version) ?? "the runtime has no known hole"),
        ];
    }
}
