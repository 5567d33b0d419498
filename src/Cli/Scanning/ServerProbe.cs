using System.Collections.Immutable;
using System.Text.Json;
using Callgate.Gateway.Clients;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Cli.Scanning;

/// <summary>What a server said when it was asked for its tools.</summary>
/// <param name="Fault">Why it said nothing.</param>
internal sealed record Asked(IReadOnlyList<RiskyTool> Tools, string? Fault);

/// <summary>
/// Starts or calls a server as the gate would, asks for its tools, and ends it. What it starts is kept apart as the gate keeps
/// its servers, with the variables of its entry and the search path of this user, and it does not see the configurations.
/// </summary>
/// <param name="hidden">The configurations that were found: they hold the secrets of all servers.</param>
internal sealed class ServerProbe(TimeSpan limit, ImmutableArray<string> hidden) : IDisposable
{
    private const int LongestFault = 300;

    private readonly string folder = Directory.CreateTempSubdirectory("callgate-scan-").FullName;

    public async Task<Asked> AskAsync(ServerEntry entry, string? project, CancellationToken ct)
    {
        var references = new References(Environment.GetEnvironmentVariable, name => entry.Environment.ContainsKey(name) && entry.Environment[name] != $"${{{name}}}" && entry.Environment[name] != $"${name}");
        var (server, fault) = Definition(entry, references);
        if (server is null)
        {
            return new Asked([], fault);
        }

        if (references.Missing.Count > 0)
        {
            return new Asked([], $"needs {string.Join(", ", references.Missing.Distinct(StringComparer.Ordinal).Select(ShownServer.Word))}, which is not set here");
        }

        try
        {
            return await AskAsync(server, Folder(entry, project), ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new Asked([], $"did not answer within {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>Whether what is started is kept from the configurations.</summary>
    public async Task<bool> IsIsolatedAsync()
    {
        await using var pool = new PipePool(folder, TimeProvider.System, NullLoggerFactory.Instance);
        return (await pool.IsolationAsync()).Sandboxed;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What a server left unremovable stays behind in the folder for temporary files.
        }
    }

    private async Task<Asked> AskAsync(ServerDefinition server, string? start, CancellationToken ct)
    {
        var options = new PipePoolOptions { StartLimit = limit, AlsoHidden = hidden, Stdio = new StdioOptions { WorkingDirectory = start } };
        await using var pool = new PipePool(folder, TimeProvider.System, NullLoggerFactory.Instance, options);
        using var connector = new Connector(pool, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(limit);
        var seen = await new Explorer(connector).ExploreAsync(server, end.Token);
        if (!seen.Reached)
        {
            return new Asked([], seen.Fault is { } fault ? Told($"{fault.Message} ({fault.Detail})", server) : "showed no tools");
        }

        var shown = new[] { seen.Legacy, seen.Modern }.SelectMany(static showing => showing?.Tools ?? []);
        return new Asked([.. shown.Select(tool => Risky(tool, server)).DistinctBy(static tool => tool.Name, StringComparer.Ordinal)], null);
    }

    private static RiskyTool Risky(JsonElement tool, ServerDefinition server) => ToolRisk.Of(tool, Told(Listing.Tools.NameOf(tool) ?? "-", server));

    /// <summary>A server may repeat what it was given, in its faults as in its names.</summary>
    private static string Told(string text, ServerDefinition server)
    {
        foreach (var value in server.Environment.Where(static pair => pair.Key != "PATH").Concat(server.Headers).SelectMany(static pair => pair.Value.Split(' ')).Where(static value => value.Length > 3).OrderByDescending(static value => value.Length))
        {
            text = text.Replace(value, "…", StringComparison.Ordinal);
        }

        text = ShownServer.Word(text);
        return text.Length > LongestFault ? text[..LongestFault] + "…" : text;
    }

    private (ServerDefinition? Server, string? Fault) Definition(ServerEntry entry, References references)
    {
        var timeouts = new UpstreamTimeouts(limit, limit, limit, limit);
        if (entry.Transport == "stdio")
        {
            var given = entry.Environment.Select(pair => KeyValuePair.Create(pair.Key, references.Fill(pair.Value)));
            var own = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? ImmutableSortedDictionary<string, string>.Empty.Add("PATH", path) : ImmutableSortedDictionary<string, string>.Empty;
            return string.IsNullOrEmpty(entry.Command) ? (null, "names no command") : (new ServerDefinition
            {
                Name = ShownServer.Word(entry.Name),
                Transport = TransportKind.Stdio,
                Command = [references.Fill(entry.Command), .. entry.Arguments.Select(references.Fill)],
                Environment = own.SetItems(given),
                Timeouts = timeouts,
            }, null);
        }

        if (!Uri.TryCreate(references.Fill(entry.Url ?? ""), UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            return (null, entry.Transport == "other" ? "only its client knows how to start it" : "has an address that is no http address");
        }

        return (new ServerDefinition
        {
            Name = ShownServer.Word(entry.Name),
            Transport = entry.Transport == "sse" ? TransportKind.Sse : TransportKind.Http,
            Url = url,
            Headers = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase).SetItems(entry.Headers.Select(pair => KeyValuePair.Create(pair.Key, references.Fill(pair.Value)))),
            Timeouts = timeouts,
        }, null);
    }

    private static string? Folder(ServerEntry entry, string? project)
    {
        var folder = entry.Folder is { } given ? Path.Combine(project ?? "/", given) : project;
        return folder is not null && Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }
}
