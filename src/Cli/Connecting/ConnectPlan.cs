using System.Collections.Immutable;
using Callgate.Gateway.Clients;
using Callgate.Cli.Scanning;
using Callgate.Gateway.Configuration;

namespace Callgate.Cli.Connecting;

internal enum Standing
{
    /// <summary>It is rewritten.</summary>
    Connected,

    /// <summary>It says already what it should.</summary>
    Unchanged,

    /// <summary>The gate has no such server.</summary>
    Unknown,

    /// <summary>It is spelled in a way that is not changed in place, or only its client knows how to start it.</summary>
    Unwritable,
}

/// <summary>What becomes of one server of a client.</summary>
/// <param name="GateServer">The gate's name for it.</param>
internal sealed record PlannedServer(ServerEntry Entry, string? GateServer, Standing Standing);

/// <summary>Where and as whom a client is to go.</summary>
internal sealed record GateTarget(GateAddress Address, string Token);

/// <summary>What becomes of a client's file.</summary>
/// <param name="Content">The whole file as it is to be.</param>
internal sealed record ConnectPlan(ImmutableArray<PlannedServer> Servers, byte[] Content)
{
    /// <param name="chosen">Servers of the client, each with the gate's name where one was said; empty for all.</param>
    /// <param name="known">The servers of the gate; null when it could not be asked.</param>
    public static ConnectPlan Of(ConfigDocument document, McpClient client, GateTarget target, IReadOnlyDictionary<string, string?> chosen, IReadOnlySet<string>? known)
    {
        var (entries, faults) = ServerEntry.In(document.Root, client.Holders);
        if (faults.Count > 0 || entries.Any(static entry => entry.Node.Form == NodeForm.Braces && entry.Node.Repeated().Any()))
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: {(faults.Count > 0 ? Printer.Plain(ShownServer.Word(faults[0])) : "a member of a server stands more than once")}; which one is meant is for you to say, so nothing was changed");
        }

        if (chosen.Keys.FirstOrDefault(name => entries.All(entry => entry.Name != name)) is { } absent)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: no server `{Printer.Plain(absent)}` is configured there");
        }

        var (servers, edits) = (ImmutableArray.CreateBuilder<PlannedServer>(), new List<TextEdit>());
        foreach (var entry in entries.Where(entry => chosen.Count == 0 || chosen.ContainsKey(entry.Name)))
        {
            var name = chosen.GetValueOrDefault(entry.Name) ?? target.Address.ServerOf(entry) ?? Near(entry.Name, known);
            if (name is null || known?.Contains(name) == false)
            {
                servers.Add(new PlannedServer(entry, null, Standing.Unknown));
                continue;
            }

            var members = GateMembers.For(client.Remote, target.Address.Of(name), target.Token, target.Address.IsPlainElsewhere);
            var same = members.AreIn(entry.Node);
            var made = same ? [] : EntryEdit.Of(document.Bytes, entry.Node, members, client.Format == ConfigFormat.Toml);
            servers.Add(new PlannedServer(entry, name, same ? Standing.Unchanged : made is null ? Standing.Unwritable : Standing.Connected));
            edits.AddRange(made ?? []);
        }

        var plan = new ConnectPlan(servers.ToImmutable(), EntryEdit.Apply(document.Bytes, edits));
        plan.Check(client, target);
        return plan;
    }

    public bool Changes => Servers.Any(static server => server.Standing == Standing.Connected);

    private static string? Near(string name, IReadOnlySet<string>? known)
    {
        if (known is null)
        {
            return Naming.IsName(name) ? name : null;
        }

        var near = known.Where(one => string.Equals(one, AddLine.NameFor(name), StringComparison.OrdinalIgnoreCase)).ToList();
        return known.Contains(name) ? name : near is [var only] ? only : null;
    }

    /// <summary>What was made is read again as the client will read it: a file that is not what it should be is not written.</summary>
    private void Check(McpClient client, GateTarget target)
    {
        var (document, fault) = ConfigFile.Parse(Content, client.Format, client.Holders);
        var after = document is null ? [] : ServerEntry.In(document.Root, client.Holders).Entries;
        var right = Servers.Where(static server => server.Standing == Standing.Connected)
            .All(server => after.Any(entry => entry.Name == server.Entry.Name && entry.Scope == server.Entry.Scope && target.Address.ServerOf(entry) == server.GateServer));
        if (fault is not null || !right)
        {
            throw new CommandFault(ExitCode.Failed, "callgate: the file is written in a way that cannot be changed in place, so nothing was changed");
        }
    }
}
