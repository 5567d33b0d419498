using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Callgate.Attacks.Running;

/// <summary>Values in the place of names: `$name`, `$repeat(N,TEXT)` and `$nested(N)`. A name that is not known stays as it is.</summary>
internal sealed partial class Variables
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public Variables()
    {
    }

    private Variables(Variables other)
    {
        foreach (var (name, value) in other.values)
        {
            values[name] = value;
        }
    }

    public string this[string name]
    {
        get => values[name];
        set => values[name] = value;
    }

    public Variables With(string name, string value) => new(this) { [name] = value };

    public string Fill(string text)
    {
        // A value may hold a name itself, such as that of the id.
        for (var round = 0; round < 3 && text.Contains('$', StringComparison.Ordinal); round++)
        {
            text = Name().Replace(text, found => values.TryGetValue(found.Groups[1].Value, out var value) ? value : found.Value);
        }

        text = Repeated().Replace(text, static found => new StringBuilder().Insert(0, found.Groups[2].Value, int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)).ToString());
        return Nested().Replace(text, static found =>
        {
            var depth = int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
            return new string('[', depth) + new string(']', depth);
        });
    }

    [GeneratedRegex(@"\$([a-z_]+)(?!\()")]
    private static partial Regex Name();

    [GeneratedRegex(@"\$repeat\(([0-9]+),([^)]*)\)")]
    private static partial Regex Repeated();

    [GeneratedRegex(@"\$nested\(([0-9]+)\)")]
    private static partial Regex Nested();
}
