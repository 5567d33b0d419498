using Callgate.Gateway.Clients;

namespace Callgate.Cli.Scanning;

/// <summary>Tells which servers of a client go through the gate already: by its address, which nobody else can claim to have.</summary>
internal sealed class GateAddress
{
    private const string Before = "/mcp/";

    private readonly Uri root;

    public GateAddress(string address)
    {
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.UserInfo.Length > 0)
        {
            throw new CommandFault(ExitCode.Usage, "callgate: the gate's address is written as http://HOST:PORT");
        }

        root = url;
    }

    public bool IsPlainElsewhere => root.Scheme == Uri.UriSchemeHttp && !root.IsLoopback;

    /// <summary>Where clients find a server.</summary>
    public string Of(string server) => new Uri(root, "mcp/" + server).AbsoluteUri;

    /// <summary>The gate's name of a server that goes through it; null for one that does not.</summary>
    public string? ServerOf(ServerEntry entry)
    {
        if (entry.Command is null)
        {
            return ServerAt(entry.Url);
        }

        // `mcp-remote` goes where its first plain argument says.
        return PackageCommand.Of(entry) is { } package && package.Name.Split('@')[0] == "mcp-remote"
            ? ServerAt(entry.Arguments.SkipWhile(argument => argument != package.Name).Skip(1).FirstOrDefault(static argument => !argument.StartsWith('-')))
            : null;
    }

    private string? ServerAt(string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || !IsSame(url))
        {
            return null;
        }

        var path = url.AbsolutePath;
        var before = root.AbsolutePath.TrimEnd('/') + Before;
        var server = path.StartsWith(before, StringComparison.Ordinal) ? path[before.Length..] : "";
        return server.Length > 0 && !server.Contains('/', StringComparison.Ordinal) ? server : null;
    }

    /// <summary>The names of the own machine are one.</summary>
    private bool IsSame(Uri url) => url.Scheme == root.Scheme && url.Port == root.Port && (url.Host == root.Host || (url.IsLoopback && root.IsLoopback));
}
