using System.Collections.Immutable;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway;

/// <summary>From what operators ask for to a sound definition of a server, or to everything that is wrong with it. No message holds the value of a credential.</summary>
internal static class ServerReading
{
    /// <param name="declared">Gives what is not said.</param>
    public static (ServerDefinition? Server, IReadOnlyList<string> Wrong) Definition(ServerBody body, DeclaredConfiguration declared)
    {
        var wrong = new List<string>();
        if ((body.Url is null) == (body.Command is null))
        {
            wrong.Add("give one of `url` and `command`");
        }

        var transport = One(wrong, "transport", body.Transport ?? (body.Command is null ? "http" : "stdio"), "http", "sse", "stdio");
        var drift = One(wrong, "on_drift", body.OnDrift ?? "block", "block", "report", "approve");
        var fresh = One(wrong, "on_new", body.OnNew ?? "block", "block", "categorise");
        var kept = body.RecordedArguments is { } given ? One(wrong, "recorded_arguments", given, "names", "sealed") : (int)declared.Record.Arguments;
        return wrong.Count > 0 ? (null, wrong) : Sound(new ServerDefinition
        {
            Name = body.Name,
            Transport = (TransportKind)transport,
            Url = Uri.TryCreate(body.Url, UriKind.Absolute, out var url) ? url : null,
            Headers = Sorted(body.Headers, StringComparer.OrdinalIgnoreCase),
            Command = [.. body.Command ?? []],
            Environment = Sorted(body.Env, StringComparer.Ordinal),
            MethodsAllow = [.. body.MethodsAllow ?? []],
            Public = body.Public,
            OnDrift = (OnDrift)drift,
            OnNew = (OnNew)fresh,
            RecordedArguments = (RecordedArguments)kept,
            Timeouts = declared.Timeouts,
        });
    }

    public static (ServerDefinition? Server, IReadOnlyList<string> Wrong) WithCredentials(ServerDefinition server, CredentialsBody asked)
    {
        var gone = asked.Remove ?? [];
        var unknown = gone.Where(name => !server.Headers.ContainsKey(name) && !server.Environment.ContainsKey(name)).Select(name => $"there is neither a header nor a variable `{name}`").ToList();
        if (unknown.Count > 0 || (asked.Headers?.Count ?? 0) + (asked.Env?.Count ?? 0) + gone.Count == 0)
        {
            return (null, unknown.Count > 0 ? unknown : ["name at least one header or variable"]);
        }

        return Sound(server with
        {
            Headers = server.Headers.RemoveRange(gone).SetItems(asked.Headers ?? ImmutableSortedDictionary<string, string>.Empty),
            Environment = server.Environment.RemoveRange(gone).SetItems(asked.Env ?? ImmutableSortedDictionary<string, string>.Empty),
        });
    }

    private static (ServerDefinition? Server, IReadOnlyList<string> Wrong) Sound(ServerDefinition server)
    {
        var wrong = ServerRules.Check(server).Select(static fault => fault.Message).ToList();
        return wrong.Count > 0 ? (null, wrong) : (server, wrong);
    }

    private static ImmutableSortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? pairs, StringComparer names) =>
        (pairs ?? ImmutableSortedDictionary<string, string>.Empty).ToImmutableSortedDictionary(names);

    private static int One(List<string> wrong, string member, string text, params string[] words)
    {
        var index = Array.IndexOf(words, text);
        if (index < 0)
        {
            wrong.Add($"`{member}` is {string.Join(" or ", words.Select(static word => $"`{word}`"))}");
        }

        return index;
    }
}
