using System.Collections.Frozen;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Configuration;

/// <summary>What makes a server definition sound, for the file and the API alike.</summary>
public static class ServerRules
{
    /// <summary>Headers that carry the protocol itself or the connection: the gateway writes them, or nobody does.</summary>
    private static readonly FrozenSet<string> OwnHeaders = new[]
    {
        "host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "te", "trailer", "upgrade",
        "keep-alive", "proxy-connection", "accept", "accept-encoding", "expect", "last-event-id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Each thing wrong, with the member it concerns. No message holds a header's or a variable's value.</summary>
    public static IEnumerable<(string Member, string Message)> Check(ServerDefinition server)
    {
        if (!Naming.IsName(server.Name))
        {
            yield return ("name", $"`{server.Name}` is no server name: {Naming.Rule}");
        }

        foreach (var fault in server.Transport == TransportKind.Stdio ? CheckChild(server) : CheckHttp(server))
        {
            yield return fault;
        }

        foreach (var method in server.MethodsAllow)
        {
            if (method.Length is 0 or > 128)
            {
                yield return ("methods", "a method has 1 to 128 characters");
            }
        }
    }

    private static IEnumerable<(string Member, string Message)> CheckHttp(ServerDefinition server)
    {
        if (server.Url is not { IsAbsoluteUri: true } url || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            yield return ("url", "the address must be absolute and begin with `http://` or `https://`");
        }
        else if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            yield return ("url", "the address may hold neither a user nor a fragment; put credentials into `headers`");
        }

        if (server.Environment.Count > 0)
        {
            yield return ("env", "`env` is for a server with `command`; this one has `url`");
        }

        foreach (var (name, value) in server.Headers)
        {
            if (HeaderFault(name, value) is { } fault)
            {
                yield return ("headers", fault);
            }
        }
    }

    private static IEnumerable<(string Member, string Message)> CheckChild(ServerDefinition server)
    {
        if (server.Command.IsDefaultOrEmpty || server.Command[0].Length == 0)
        {
            yield return ("command", "`command` must name a program and its arguments, as a list");
        }
        else if (server.Command.Any(static part => part.Contains('\0', StringComparison.Ordinal)))
        {
            yield return ("command", "an argument may hold no NUL");
        }

        if (server.Headers.Count > 0)
        {
            yield return ("headers", "`headers` is for a server with `url`; this one has `command`");
        }

        foreach (var (name, value) in server.Environment)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
            {
                yield return ("env", $"`{name}` is no variable: its name is not empty and holds no `=`, and neither name nor value holds NUL");
            }
        }
    }

    private static string? HeaderFault(string name, string value)
    {
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
        {
            return $"`{name}` is no header name";
        }

        if (OwnHeaders.Contains(name) || name.StartsWith("mcp-", StringComparison.OrdinalIgnoreCase))
        {
            return $"the gateway itself writes the header `{name}`; take it out";
        }

        return value.Any(static c => c is < ' ' or > '~')
            ? $"the value of the header `{name}` holds a character that is not printable ASCII"
            : null;
    }
}
