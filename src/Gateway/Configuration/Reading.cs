namespace Callgate.Gateway.Configuration;

/// <summary>One pass over a configuration file: where it lies, and every error found so far.</summary>
internal sealed class Reading(string file, List<ConfigurationError> errors)
{
    public string File { get; } = file;

    public string Folder { get; } = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";

    public void Report(YamlNode place, string message) => errors.Add(new ConfigurationError(File, place.Line, place.Column, message));

    public void Report(YamlMember place, string message) => errors.Add(new ConfigurationError(File, place.Line, place.Column, message));

    public void Report(ConfigurationError error) => errors.Add(error);

    /// <summary>Whether the node is reported as broken or is of another kind; the latter is reported here.</summary>
    public bool Wrong(YamlNode node, string wanted)
    {
        if (node is not YamlScalar { Broken: true })
        {
            Report(node, $"expected {wanted}, found {node.Kind}");
        }

        return true;
    }

    /// <summary>A string, or null when it is none. Numbers and booleans are refused, so that nothing is read as what it was not meant to be.</summary>
    public string? Text(YamlNode node, string wanted = "a string")
    {
        if (node is not YamlScalar scalar || scalar.Broken)
        {
            Wrong(node, wanted);
            return null;
        }

        if (CoreScalar.IsString(scalar))
        {
            return scalar.Value;
        }

        Report(node, $"expected {wanted}, found {scalar.Kind}{(wanted != "a string" || CoreScalar.IsNull(scalar) ? string.Empty : "; put it in quotes")}");
        return null;
    }

    /// <summary>An absolute address over HTTP without user and fragment; null for any other text.</summary>
    public static Uri? WebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url is { UserInfo: "", Fragment: "" } ? url : null;

    public bool? Flag(YamlNode node)
    {
        if (node is YamlScalar { Broken: false } scalar && (scalar.Plain || scalar.Substituted) && CoreScalar.Boolean(scalar.Value) is { } value)
        {
            return value;
        }

        Wrong(node, "`true` or `false`");
        return null;
    }

    /// <summary>One of a few words. <paramref name="words"/> is what may be written, the result its index.</summary>
    public int? Word(YamlNode node, params string[] words)
    {
        var wanted = string.Join(" or ", words.Select(static word => $"`{word}`"));
        if (Text(node, wanted) is not { } text)
        {
            return null;
        }

        var index = Array.IndexOf(words, text);
        if (index < 0)
        {
            Report(node, $"`{((YamlScalar)node).Written}` is not known here; write {wanted}");
            return null;
        }

        return index;
    }

    /// <summary>A list of strings. What is no string is reported and left out.</summary>
    public IEnumerable<string> Texts(YamlNode node, string wanted)
    {
        if (node is not YamlSequence sequence)
        {
            Wrong(node, wanted);
            return [];
        }

        return [.. sequence.Items.Select(item => Text(item)).OfType<string>()];
    }

    /// <summary>A mapping of names to strings.</summary>
    public IEnumerable<(YamlMember Member, string Value)> Pairs(YamlNode node, string wanted)
    {
        if (node is not YamlMapping mapping)
        {
            Wrong(node, wanted);
            yield break;
        }

        foreach (var member in mapping.Members)
        {
            if (Text(member.Value) is { } value)
            {
                yield return (member, value);
            }
        }
    }

    public TimeSpan? Duration(YamlNode node)
    {
        if (Text(node, "a time such as `10s`, `5m`, `12h` or `30d`") is not { } text)
        {
            return null;
        }

        if (Quantity.TryDuration(text) is not { } value)
        {
            Report(node, $"`{((YamlScalar)node).Written}` is no time; write a whole number and a unit: `500ms`, `10s`, `5m`, `12h`, `30d`");
            return null;
        }

        return value;
    }

    public long? Size(YamlNode node)
    {
        if (Text(node, "a size such as `500MB` or `50GB`") is not { } text)
        {
            return null;
        }

        if (Quantity.TrySize(text) is not { } value)
        {
            Report(node, $"`{((YamlScalar)node).Written}` is no size; write a whole number and a unit: `500MB`, `50GB`, `1TB`, `64MiB`");
            return null;
        }

        return value;
    }

    public DateTimeOffset? Instant(YamlNode node)
    {
        if (Text(node, "a time such as `2027-01-01T00:00:00Z`") is not { } text)
        {
            return null;
        }

        if (Quantity.TryInstant(text) is not { } value)
        {
            Report(node, $"`{((YamlScalar)node).Written}` is no time; write it as `{Quantity.Show(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero))}`");
            return null;
        }

        return value;
    }
}
