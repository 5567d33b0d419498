using System.Collections.Immutable;
using System.Net;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Configuration;

/// <summary>The settings of the file beside servers, policies and grants.</summary>
internal static class SettingsSection
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    public static RecordSettings Record(Reading reading, YamlNode? node)
    {
        var fields = node is null ? null : Fields.Of(reading, node, "record", "durability", "arguments", "retention", "anchors");
        if (fields is null)
        {
            return new RecordSettings();
        }

        var retention = fields["retention"] is { } given ? Fields.Of(reading, given, "retention", "age", "size") : null;
        return new RecordSettings(
            fields.ReadValue("durability", value => reading.Word(value, "process", "power")) == 1 ? Durability.Power : Durability.Process,
            Arguments(reading, fields) ?? RecordedArguments.Names,
            retention?.ReadValue("age", reading.Duration),
            retention?.ReadValue("size", reading.Size))
        {
            Anchors = AnchorSection.Read(reading, fields["anchors"]),
        };
    }

    /// <summary>The member <c>arguments</c> of a <c>record</c>; null where it is not given.</summary>
    public static RecordedArguments? Arguments(Reading reading, Fields fields) =>
        fields.ReadValue("arguments", value => reading.Word(value, "names", "sealed")) is { } word ? (RecordedArguments)word : null;

    public static UpstreamTimeouts Timeouts(Reading reading, YamlNode? node)
    {
        var fields = node is null ? null : Fields.Of(reading, node, "timeouts", "connect", "first_byte", "idle", "total");
        var standard = UpstreamTimeouts.Default;
        return fields is null
            ? standard
            : new UpstreamTimeouts(
                fields.ReadValue("connect", reading.Duration) ?? standard.Connect,
                fields.ReadValue("first_byte", reading.Duration) ?? standard.FirstByte,
                fields.ReadValue("idle", reading.Duration) ?? standard.Idle,
                fields.ReadValue("total", reading.Duration) ?? standard.Total);
    }

    public static Uri? Address(Reading reading, YamlNode? node, string name)
    {
        if (node is null || reading.Text(node) is not { } text)
        {
            return null;
        }

        if (Reading.WebAddress(text) is { Query: "" } url)
        {
            return url;
        }

        reading.Report(node, $"`{name}` is an absolute address with `https://` or `http://`, without user, query and fragment");
        return null;
    }

    public static ApprovalSettings Approvals(Reading reading, YamlNode? node)
    {
        var fields = node is null ? null : Fields.Of(reading, node, "approvals", "wait", "url", "webhooks");
        if (fields is null)
        {
            return new ApprovalSettings();
        }

        var wait = fields.ReadValue("wait", reading.Duration) ?? ApprovalPages.UsualWait;
        if (wait > LongestWait)
        {
            reading.Report(fields["wait"]!, "`wait` is at most `10m`: a client is told to repeat its call, and finds the same request");
        }

        return new ApprovalSettings(wait, Address(reading, fields["url"], "url")) { Webhooks = WebhookSection.Read(reading, fields["webhooks"]) };
    }

    public static bool RequiresSecondFactor(Reading reading, YamlNode? node) =>
        node is not null && Fields.Of(reading, node, "operators", "require_second_factor")?.ReadValue("require_second_factor", reading.Flag) == true;

    public static ListenSettings Listen(Reading reading, YamlNode? node)
    {
        var fields = node is null ? null : Fields.Of(reading, node, "listen", "allowed_hosts", "tls", "trusted_proxy", "insecure_http", "inline_completions");
        if (fields is null)
        {
            return new ListenSettings();
        }

        var (certificate, key) = Tls(reading, fields["tls"]);
        return new ListenSettings(
            Hosts(reading, fields["allowed_hosts"]),
            certificate,
            key,
            Proxies(reading, fields["trusted_proxy"]),
            fields.ReadValue("insecure_http", reading.Flag) ?? false)
        {
            InlineCompletions = fields.ReadValue("inline_completions", reading.Flag) ?? false,
        };
    }

    private static ImmutableArray<string> Hosts(Reading reading, YamlNode? node)
    {
        if (node is not YamlSequence sequence)
        {
            _ = node is not null && reading.Wrong(node, "a list of host names");
            return [];
        }

        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (var item in sequence.Items)
        {
            if (reading.Text(item) is not { } host)
            {
                continue;
            }

            if (Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown || host.Contains('*', StringComparison.Ordinal))
            {
                reading.Report(item, $"`{((YamlScalar)item).Written}` is no host name; write it without scheme, port and wildcard");
                continue;
            }

            hosts.Add(host.ToLowerInvariant());
        }

        return hosts.ToImmutable();
    }

    private static (string? Certificate, string? Key) Tls(Reading reading, YamlNode? node)
    {
        if (node is null || Fields.Of(reading, node, "tls", "certificate", "key") is not { } fields)
        {
            return (null, null);
        }

        if (fields["certificate"] is null || fields["key"] is null)
        {
            reading.Report(node, "`tls` needs both `certificate` and `key`, the paths of PEM files");
        }

        return (ExistingFile(reading, fields["certificate"]), ExistingFile(reading, fields["key"]));
    }

    private static string? ExistingFile(Reading reading, YamlNode? node)
    {
        if (node is null || reading.Text(node, "the path of a PEM file") is not { Length: > 0 } written)
        {
            return null;
        }

        var path = Path.GetFullPath(written, reading.Folder);
        if (!File.Exists(path))
        {
            reading.Report(node, $"the file `{((YamlScalar)node).Written}` does not exist");
        }

        return path;
    }

    private static ImmutableArray<IPAddress> Proxies(Reading reading, YamlNode? node)
    {
        var proxies = ImmutableArray.CreateBuilder<IPAddress>();
        IEnumerable<YamlNode> items = node switch { null => [], YamlSequence sequence => sequence.Items, _ => [node] };
        foreach (var item in items)
        {
            if (reading.Text(item, "the address of a proxy, or a list of them") is not { } text)
            {
                continue;
            }

            if (IPAddress.TryParse(text, out var address))
            {
                proxies.Add(address);
            }
            else
            {
                reading.Report(item, $"`{((YamlScalar)item).Written}` is no IP address; name the proxy by its address");
            }
        }

        return proxies.ToImmutable();
    }
}
