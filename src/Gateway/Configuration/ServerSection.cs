using System.Collections.Immutable;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Configuration;

/// <summary>The <c>servers</c> of the file.</summary>
internal static class ServerSection
{
    public static ServerDefinition? Read(Reading reading, YamlMember member, UpstreamTimeouts timeouts, RecordSettings record)
    {
        var what = $"server `{member.Name}`";
        var fields = Fields.Of(reading, member.Value, what, "url", "transport", "headers", "command", "env", "methods", "public", "on_drift", "on_new", "record");
        if (fields is null)
        {
            return null;
        }

        var url = fields.Read("url", node => reading.Text(node));
        var server = new ServerDefinition
        {
            Name = member.Name,
            Transport = Transport(reading, member, fields) ?? TransportKind.Http,
            Url = url is not null && Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null,
            Headers = Strings(reading, fields["headers"], "headers: a mapping of names to values", StringComparer.OrdinalIgnoreCase),
            Command = fields["command"] is { } command ? [.. reading.Texts(command, "the program and its arguments, as a list")] : [],
            Environment = Strings(reading, fields["env"], "variables: a mapping of names to values", StringComparer.Ordinal),
            MethodsAllow = Methods(reading, fields["methods"]),
            Public = fields.ReadValue("public", reading.Flag) ?? false,
            OnDrift = fields.ReadValue("on_drift", node => reading.Word(node, "block", "report", "approve")) is { } word ? (OnDrift)word : OnDrift.Block,
            OnNew = fields.ReadValue("on_new", node => reading.Word(node, "block", "categorise")) == 1 ? OnNew.Categorise : OnNew.Block,
            RecordedArguments = Recorded(reading, fields["record"]) ?? record.Arguments,
            Timeouts = timeouts,
            Declared = true,
        };
        CheckAll(reading, member, fields, server);
        return server;
    }

    private static void CheckAll(Reading reading, YamlMember member, Fields fields, ServerDefinition server)
    {
        // Without `url` and `command` that is the one thing to say; a member that was wrong by itself is reported already.
        var hasTarget = fields["url"] is not null || fields["command"] is not null;
        foreach (var (name, message) in ServerRules.Check(server))
        {
            var node = name == "name" ? null : fields[name];
            if (node is not null && Readable(name, node))
            {
                reading.Report(node, message);
            }
            else if (name == "name" || (node is null && hasTarget))
            {
                reading.Report(member, message);
            }
        }
    }

    private static bool Readable(string name, YamlNode node) => name switch
    {
        "command" => node is YamlSequence,
        "headers" or "env" or "methods" => node is YamlMapping,
        _ => node is YamlScalar { Broken: false } scalar && CoreScalar.IsString(scalar),
    };

    private static TransportKind? Transport(Reading reading, YamlMember member, Fields fields)
    {
        var word = fields.ReadValue("transport", node => reading.Word(node, "http", "sse", "stdio"));
        var (url, command) = (fields["url"], fields["command"]);
        if (url is not null && command is not null)
        {
            reading.Report(command, $"server `{member.Name}` has both `url` and `command`; keep one");
            return null;
        }

        if (url is null && command is null)
        {
            reading.Report(member, $"server `{member.Name}` has neither `url` nor `command`; give one");
            return null;
        }

        if (word is { } index && (index == 2) != (command is not null))
        {
            reading.Report(fields["transport"]!, command is null ? "`transport: stdio` needs `command`, not `url`" : "a server with `command` speaks stdio; take `transport` out");
        }

        return command is not null ? TransportKind.Stdio : word == 1 ? TransportKind.Sse : TransportKind.Http;
    }

    private static RecordedArguments? Recorded(Reading reading, YamlNode? node) =>
        node is not null && Fields.Of(reading, node, "record", "arguments") is { } fields ? SettingsSection.Arguments(reading, fields) : null;

    private static ImmutableArray<string> Methods(Reading reading, YamlNode? node)
    {
        if (node is null || Fields.Of(reading, node, "methods", "allow")?["allow"] is not { } allow)
        {
            return [];
        }

        return [.. reading.Texts(allow, "a list of method names")];
    }

    private static ImmutableSortedDictionary<string, string> Strings(Reading reading, YamlNode? node, string wanted, StringComparer comparer)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, string>(comparer);
        foreach (var (member, value) in node is null ? [] : reading.Pairs(node, wanted))
        {
            // An exact repetition is reported by the reader of the text; what is left is another case of the same header.
            if (!builder.TryAdd(member.Name, value) && !builder.Keys.Contains(member.Name, StringComparer.Ordinal))
            {
                reading.Report(member, $"`{member.Name}` is the same header as one above");
            }
        }

        return builder.ToImmutable();
    }
}
