namespace Callgate.Gateway.Clients;

/// <summary>What a value of a configuration is.</summary>
public enum NodeKind
{
    Map,
    Array,
    Text,

    /// <summary>A number, a truth value or nothing.</summary>
    Other,
}

/// <summary>How an object is spelled, which decides how it can be changed in place.</summary>
public enum NodeForm
{
    /// <summary>Between braces, members parted by commas: JSON, and inline tables of TOML.</summary>
    Braces,

    /// <summary>Lines under a header of TOML.</summary>
    Table,

    /// <summary>Put together from dotted keys of TOML: read, never changed.</summary>
    Scattered,
}

/// <summary>A stretch of the file, in bytes.</summary>
public readonly record struct ByteRange(int Start, int End);

/// <summary>A value of a configuration file and where it stands.</summary>
public sealed class ConfigNode(NodeKind kind)
{
    public NodeKind Kind => kind;

    public string? Text { get; init; }

    public List<ConfigMember> Members { get; } = [];

    public List<ConfigNode> Items { get; } = [];

    public NodeForm Form { get; set; }

    /// <summary>Where the first line after the header of a <see cref="NodeForm.Table"/> begins.</summary>
    public int Body { get; set; }

    /// <summary>The last of that name, which is the one that every client takes.</summary>
    public ConfigNode? Find(string name) => Members.FindLast(member => member.Name == name)?.Value;

    public string? TextOf(string name) => Find(name)?.Text;

    /// <summary>Names that stand more than once.</summary>
    public IEnumerable<string> Repeated() => Members.GroupBy(static member => member.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1).Select(static group => group.Key);

    /// <summary>The texts among the members, as of an environment or of headers.</summary>
    public IEnumerable<KeyValuePair<string, string>> Texts() =>
        Members.Where(static member => member.Value.Text is not null).Select(static member => KeyValuePair.Create(member.Name, member.Value.Text!));
}

/// <summary>A member of an object.</summary>
/// <param name="Ranges">What would have to go for the member to be gone, without the commas around it; more than one where TOML scatters it.</param>
public sealed record ConfigMember(string Name, ConfigNode Value, List<ByteRange> Ranges);
