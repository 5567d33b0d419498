namespace Callgate.Gateway.Configuration;

/// <summary>A value of the configuration file with its place in the text.</summary>
internal abstract record YamlNode(int Line, int Column)
{
    /// <summary>What to call the value in an error message.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar after substitution.</summary>
/// <param name="Written">As the file spells it: the only form that error messages quote, since the value may be a secret.</param>
/// <param name="Plain">Neither quoted nor substituted, so the core schema gives it a type.</param>
internal sealed record YamlScalar(string Value, string Written, bool Plain, int Line, int Column) : YamlNode(Line, Column)
{
    /// <summary>Holds text of the environment: it has the type that is wanted of it.</summary>
    public bool Substituted { get; init; }

    /// <summary>Could not be substituted. That is reported already, so nothing more is said of the value.</summary>
    public bool Broken { get; init; }

    public override string Kind => CoreScalar.KindOf(this);
}

internal sealed record YamlSequence(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column)
{
    public override string Kind => "a list";
}

internal sealed record YamlMapping(IReadOnlyList<YamlMember> Members, int Line, int Column) : YamlNode(Line, Column)
{
    public override string Kind => "a mapping";
}

/// <summary>One member of a mapping; the place is that of its key.</summary>
internal sealed record YamlMember(string Name, YamlNode Value, int Line, int Column);
