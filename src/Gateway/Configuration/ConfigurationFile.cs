using System.Collections.Immutable;
using System.Text;
using Callgate.Gateway.Grants;

namespace Callgate.Gateway.Configuration;

/// <summary>What came of reading a configuration file.</summary>
/// <param name="Configuration">Null exactly when there are errors.</param>
/// <param name="Errors">All of them, in the order of the text.</param>
/// <param name="Read">Every file the result depends on, the file itself first; what is watched.</param>
/// <param name="Fingerprint">A digest of what those files held.</param>
public sealed record ConfigurationLoad(
    DeclaredConfiguration? Configuration, ImmutableArray<ConfigurationError> Errors, ImmutableArray<FileDigest> Read, string Fingerprint)
{
    /// <summary>Full paths.</summary>
    public ImmutableArray<string> Files => [.. Read.Select(static file => file.Path)];
}

/// <summary>Reads <c>callgate.yaml</c> and the policies it names: whole or not at all.</summary>
public static class ConfigurationFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ConfigurationLoad Load(string path, Func<string, string?> environment)
    {
        var errors = new List<ConfigurationError>();
        var files = new FilesRead();
        var configuration = Text(path, errors, files) is { } text ? Read(new Reading(path, errors), text, environment, (errors, files)) : null;
        return errors.Count == 0
            ? new ConfigurationLoad(configuration, [], files.Files, files.Fingerprint)
            : new ConfigurationLoad(null, InOrder(path, errors), files.Files, files.Fingerprint);
    }

    private static ImmutableArray<ConfigurationError> InOrder(string path, List<ConfigurationError> errors) =>
        [.. errors.Distinct().OrderBy(error => error.File != path).ThenBy(static error => error.File, StringComparer.Ordinal)
            .ThenBy(static error => error.Line).ThenBy(static error => error.Column)];

    private static string? Text(string path, List<ConfigurationError> errors, FilesRead files)
    {
        var (bytes, fault) = files.Read(Path.GetFullPath(path));
        if (bytes is null)
        {
            errors.Add(new ConfigurationError(path, 0, 0, $"the configuration file {fault}"));
            return null;
        }

        try
        {
            return Strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            errors.Add(new ConfigurationError(path, 0, 0, "the configuration file is not UTF-8"));
            return null;
        }
    }

    private static DeclaredConfiguration? Read(
        Reading reading, string text, Func<string, string?> environment, (List<ConfigurationError> Errors, FilesRead Files) found)
    {
        var root = YamlText.Read(reading.File, text, environment, found.Errors);
        if (root is null or YamlScalar { Plain: true, Value: "" })
        {
            return found.Errors.Count == 0 ? DeclaredConfiguration.Empty : null;
        }

        var fields = Fields.Of(reading, root, "the configuration", "servers", "policies", "grants", "record", "timeouts", "public_url", "listen", "approvals", "operators");
        if (fields is null)
        {
            return null;
        }

        var timeouts = SettingsSection.Timeouts(reading, fields["timeouts"]);
        var record = SettingsSection.Record(reading, fields["record"]);
        var servers = Members(reading, fields["servers"], "servers");
        var policies = Members(reading, fields["policies"], "policies");

        // Names that are declared count as known even where their declaration is wrong: one mistake, one error.
        var serverNames = servers.Select(static member => member.Name).ToHashSet(StringComparer.Ordinal);
        var policyNames = policies.Select(static member => member.Name).ToHashSet(StringComparer.Ordinal);
        var configuration = new DeclaredConfiguration
        {
            Timeouts = timeouts,
            Servers = All(servers, member => ServerSection.Read(reading, member, timeouts, record)),
            Policies = All(policies, member => PolicySection.Read(reading, member, found.Files)),
            Grants = All(Members(reading, fields["grants"], "grants"), member => GrantSection.Read(reading, member, serverNames, policyNames)),
            Record = record,
            PublicUrl = SettingsSection.Address(reading, fields["public_url"], "public_url"),
            Listen = SettingsSection.Listen(reading, fields["listen"]),
            Approvals = SettingsSection.Approvals(reading, fields["approvals"]),
            RequiresSecondFactor = SettingsSection.RequiresSecondFactor(reading, fields["operators"]),
        };
        ReportSharedTokens(reading, fields["grants"], configuration.Grants);
        return configuration;
    }

    private static List<YamlMember> Members(Reading reading, YamlNode? node, string what)
    {
        if (node is YamlMapping mapping)
        {
            return [.. mapping.Members.DistinctBy(static member => member.Name, StringComparer.Ordinal)];
        }

        if (node is not null && !(node is YamlScalar scalar && CoreScalar.IsNull(scalar)))
        {
            reading.Wrong(node, $"{what}: a mapping of names");
        }

        return [];
    }

    private static ImmutableArray<T> All<T>(List<YamlMember> members, Func<YamlMember, T?> read)
        where T : class => [.. members.Select(read).OfType<T>()];

    /// <summary>A token names one grant: two grants with one token could not be told apart in the record.</summary>
    private static void ReportSharedTokens(Reading reading, YamlNode? node, ImmutableArray<Grant> grants)
    {
        foreach (var same in grants.Where(static grant => grant.TokenHash.Length > 0).GroupBy(static grant => grant.TokenHash, StringComparer.Ordinal))
        {
            foreach (var later in same.Skip(1))
            {
                var place = ((YamlMapping)node!).Members.First(member => member.Name == later.Id);
                reading.Report(place, $"grants `{same.First().Id}` and `{later.Id}` have the same token; give each its own");
            }
        }
    }
}
