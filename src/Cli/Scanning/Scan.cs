using System.Collections.Immutable;
using Callgate.Cli.Connecting;
using Callgate.Gateway.Clients;

namespace Callgate.Cli.Scanning;

/// <summary>A file of a client as it was found.</summary>
internal sealed record ScannedFile(ClientFile File, IReadOnlyList<Finding> Findings);

/// <summary>A server of a client as it was found.</summary>
/// <param name="GateServer">The gate's name for it when it goes through the gate; what is said of such a server is not counted.</param>
internal sealed record ScannedServer(ClientFile File, ServerEntry Entry, string? GateServer, IReadOnlyList<Finding> Findings)
{
    /// <summary>Null until it is asked for its tools.</summary>
    public Asked? Asked { get; init; }

    public Severity Worst => GateServer is not null ? Severity.None : Findings.Select(static finding => finding.Severity).Concat(Asked?.Tools.Select(static tool => tool.Risk) ?? []).DefaultIfEmpty().Max();
}

/// <summary>Everything that was found on a machine.</summary>
internal sealed record Scan(ImmutableArray<ScannedFile> Files, ImmutableArray<ScannedServer> Servers)
{
    public Severity Worst => Servers.Select(static server => server.Worst).Concat(Files.SelectMany(static file => file.Findings).Select(static finding => finding.Severity)).DefaultIfEmpty().Max();

    /// <summary>Reads the files; those that are not there are passed over.</summary>
    /// <param name="named">The files were named by a person, so that a missing one is a finding.</param>
    public static async Task<Scan> OfAsync(IEnumerable<ClientFile> candidates, GateAddress gate, bool named)
    {
        var (files, servers) = (ImmutableArray.CreateBuilder<ScannedFile>(), ImmutableArray.CreateBuilder<ScannedServer>());
        foreach (var file in candidates)
        {
            var (bytes, fault) = await ConfigFile.ReadAsync(file.Path);
            if (bytes is null && fault is null && !named)
            {
                continue;
            }

            var (document, unread) = bytes is null ? (null, fault ?? "is not there") : ConfigFile.Parse(bytes, file.Client.Format, file.Client.Holders);
            if (document is null)
            {
                files.Add(new ScannedFile(file, [new Finding(Severity.Medium, "unreadable", "", $"{unread}, so that its servers are not known")]));
                continue;
            }

            var (entries, faults) = ServerEntry.In(document.Root, file.Client.Holders);
            files.Add(new ScannedFile(file, [.. Of(document, file.Client), .. faults.Select(static text => new Finding(Severity.Medium, "repeated_name", "", ShownServer.Word(text)))]));
            servers.AddRange(entries.Select(entry => Of(file, entry, gate)));
        }

        return new Scan(files.ToImmutable(), servers.ToImmutable());
    }

    private static IEnumerable<Finding> Of(ConfigDocument document, McpClient client) =>
        document.Lenient ? [new Finding(Severity.Low, "not_strict", "", $"has comments or trailing commas, which {client.Title} may not read")] : [];

    private static ScannedServer Of(ClientFile file, ServerEntry entry, GateAddress gate)
    {
        var through = gate.ServerOf(entry);
        return new ScannedServer(file, entry, through, through is null ? [.. EntryChecks.Of(entry)] : []);
    }
}
