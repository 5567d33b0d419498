using System.Collections.Immutable;
using Callgate.Gateway.Grants;

namespace Callgate.Gateway.Configuration;

/// <summary>The <c>grants</c> of the file. The name is id and label in one.</summary>
internal static class GrantSection
{
    public const int MinimumTokenLength = 32;

    public static Grant? Read(Reading reading, YamlMember member, IReadOnlySet<string> servers, IReadOnlySet<string> policies)
    {
        if (!Naming.IsName(member.Name))
        {
            reading.Report(member, $"`{member.Name}` is no grant name: {Naming.Rule}");
        }

        var fields = Fields.Of(reading, member.Value, $"grant `{member.Name}`", "token", "token_sha256", "identity", "attributes", "expires", "servers");
        if (fields is null)
        {
            return null;
        }

        return new Grant
        {
            Id = member.Name,
            Label = member.Name,
            TokenHash = TokenHash(reading, member, fields) ?? string.Empty,
            Identity = Identity(reading, fields["identity"]),
            Attributes = Attributes(reading, fields["attributes"]),
            Expires = fields.ReadValue("expires", reading.Instant),
            Servers = Servers(reading, member, fields["servers"], (servers, policies)),
            Declared = true,
        };
    }

    private static string? TokenHash(Reading reading, YamlMember member, Fields fields)
    {
        var (token, hash) = (fields["token"], fields["token_sha256"]);
        if ((token is null) == (hash is null))
        {
            reading.Report(member, $"grant `{member.Name}` needs one of `token` and `token_sha256`");
            return null;
        }

        return token is not null ? FromToken(reading, token) : FromHash(reading, hash!);
    }

    private static string? FromToken(Reading reading, YamlNode node)
    {
        if (reading.Text(node) is not { } token)
        {
            return null;
        }

        if (token.Length < MinimumTokenLength)
        {
            reading.Report(node, "a token has at least 32 characters; make one with `openssl rand -hex 32`");
            return null;
        }

        if (token.Length > 512 || token.Any(static c => c is <= ' ' or > '~'))
        {
            reading.Report(node, "a token has at most 512 characters, all printable ASCII without blanks, since it travels in a header");
            return null;
        }

        return GrantToken.HashOf(token);
    }

    private static string? FromHash(Reading reading, YamlNode node)
    {
        // Sixty-four digits without a letter are a number to YAML; here they can only be a hash.
        if (node is YamlScalar { Broken: false } scalar && scalar.Value.Length == 64 && scalar.Value.All(char.IsAsciiHexDigitLower))
        {
            return scalar.Value;
        }

        if (reading.Text(node) is not null)
        {
            reading.Report(node, "`token_sha256` is the SHA-256 of the token: 64 lower-case hexadecimal digits");
        }

        return null;
    }

    private static string? Identity(Reading reading, YamlNode? node)
    {
        var text = node is null ? null : reading.Text(node);
        if (text is { Length: 0 or > 256 })
        {
            reading.Report(node!, "an identity has 1 to 256 characters");
        }

        return text;
    }

    private static ImmutableSortedDictionary<string, string> Attributes(Reading reading, YamlNode? node)
    {
        var pairs = node is null ? [] : reading.Pairs(node, "attributes: a mapping of names to strings");
        return pairs.DistinctBy(static pair => pair.Member.Name, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(static pair => pair.Member.Name, static pair => pair.Value, StringComparer.Ordinal);
    }

    private static ImmutableSortedDictionary<string, string?> Servers(
        Reading reading, YamlMember grant, YamlNode? node, (IReadOnlySet<string> Servers, IReadOnlySet<string> Policies) known)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        if (node is not YamlMapping mapping)
        {
            if (node is null)
            {
                reading.Report(grant, $"grant `{grant.Name}` names no `servers`");
            }
            else
            {
                reading.Wrong(node, "servers: a mapping of server names to policy names");
            }

            return builder.ToImmutable();
        }

        foreach (var member in mapping.Members)
        {
            if (!known.Servers.Contains(member.Name))
            {
                reading.Report(member, $"no server `{member.Name}` is declared here{Hint(member.Name, known.Servers)}");
            }

            builder.TryAdd(member.Name, PolicyName(reading, member.Value, known.Policies));
        }

        return builder.ToImmutable();
    }

    /// <summary>Nothing (or <c>null</c>) is allowed: without a policy everything is refused.</summary>
    private static string? PolicyName(Reading reading, YamlNode node, IReadOnlySet<string> policies)
    {
        if (node is YamlScalar { Broken: false } scalar && CoreScalar.IsNull(scalar))
        {
            return null;
        }

        var name = reading.Text(node, "the name of a policy");
        if (name is not null && !policies.Contains(name))
        {
            reading.Report(node, $"no policy `{((YamlScalar)node).Written}` is declared here{Hint(name, policies)}");
        }

        return name;
    }

    private static string Hint(string written, IEnumerable<string> names) =>
        Spelling.Nearest(written, names) is { } near ? $"; did you mean `{near}`?" : string.Empty;
}
