namespace Callgate.Gateway.Configuration;

/// <summary>A mapping whose members are known: any other is an error that names the likely one.</summary>
internal sealed class Fields
{
    private readonly Dictionary<string, YamlNode> values = new(StringComparer.Ordinal);

    private Fields()
    {
    }

    /// <summary>Null when the node is no mapping. Unknown members are reported; of a repeated member the first counts.</summary>
    public static Fields? Of(Reading reading, YamlNode node, string what, params string[] known)
    {
        if (node is not YamlMapping mapping)
        {
            reading.Wrong(node, $"{what}: a mapping");
            return null;
        }

        var fields = new Fields();
        foreach (var member in mapping.Members)
        {
            if (Array.IndexOf(known, member.Name) < 0)
            {
                reading.Report(member, $"`{member.Name}` is not known in {what}; {Advice(member.Name, known)}");
                continue;
            }

            fields.values.TryAdd(member.Name, member.Value);
        }

        return fields;
    }

    public YamlNode? this[string name] => values.GetValueOrDefault(name);

    /// <summary>Reads the member when it is there; null when it is not, or is wrong.</summary>
    public T? Read<T>(string name, Func<YamlNode, T?> read)
        where T : class => this[name] is { } node ? read(node) : null;

    public T? ReadValue<T>(string name, Func<YamlNode, T?> read)
        where T : struct => this[name] is { } node ? read(node) : null;

    private static string Advice(string written, string[] known)
    {
        return Spelling.Nearest(written, known) is { } near
            ? $"did you mean `{near}`?"
            : $"known are {string.Join(", ", known.Select(static name => $"`{name}`"))}";
    }
}
