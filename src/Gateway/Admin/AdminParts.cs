using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Admin;

/// <summary>What administration works on; the host fills it.</summary>
public sealed record AdminParts
{
    public required SnapshotSource Snapshots { get; init; }

    public required IConfigStore Store { get; init; }

    public required Journal Journal { get; init; }

    public required AuditIndex Index { get; init; }

    public required RecordSearch Record { get; init; }

    public required RecordExport Export { get; init; }

    public required CatalogueStore Catalogue { get; init; }

    public required SealedArguments Arguments { get; init; }

    public required ApprovalDesk Approvals { get; init; }

    public required PolicyDesk Policies { get; init; }

    public required GrantDesk Grants { get; init; }

    public required JournalHeads Heads { get; init; }

    public required JournalAnchors Anchors { get; init; }

    public required Counters Counters { get; init; }

    public required Configurator Configurator { get; init; }

    public required ServerDesk ServerDesk { get; init; }

    public required ServerOperations Servers { get; init; }

    public required AdminToken Token { get; init; }

    public required OperatorSessions Sessions { get; init; }

    public required SignIn SignIn { get; init; }

    public required OperatorDesk Operators { get; init; }

    public required Invitations Invitations { get; init; }

    public required SessionDesk OpenSessions { get; init; }

    public required FactorDesk SecondFactors { get; init; }

    /// <summary>The addresses of pages that people are sent.</summary>
    public required ApprovalPages Pages { get; init; }

    /// <summary>Why child processes are not kept away from the data folder; null when they are, or when there are none.</summary>
    public Func<string?> IsolationFault { get; init; } = static () => null;

    /// <summary>Which webhook has taken nothing for long, and why; null while all goes well.</summary>
    public Func<string?> WebhookFault { get; init; } = static () => null;

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>The name of the store's file inside the data folder, which a backup gives back to it.</summary>
    public required string StoreFileName { get; init; }

    public string JournalDirectory => Path.Combine(DataDirectory, "journal");
}
