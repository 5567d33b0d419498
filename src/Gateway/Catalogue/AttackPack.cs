using System.Reflection;
using System.Text.Json;
using Callgate.Catalogue.Attacks;
using Callgate.Policy;

namespace Callgate.Gateway.Catalogue;

/// <summary>The attack database that ships with the product: the files of <c>attacks</c>, inside the program. It is read when somebody first asks.</summary>
public static class AttackPack
{
    private const string Root = "attacks/";

    private const string EntryRoot = Root + "entries/";

    private static readonly Lazy<AttackDatabase> Shipped = new(static () => Read(Resources()));

    /// <summary>The database. Start waits for nothing of it.</summary>
    public static AttackDatabase Database => Shipped.Value is { Faults: [] } whole ? whole : throw new InvalidOperationException($"the attack database cannot be read: {Shipped.Value.Faults[0]}");

    /// <summary>Reads a database in YAML, with everything that is wrong in it.</summary>
    /// <param name="files">By name, without the ending: <c>attacks/terms</c>, <c>attacks/cases</c>, <c>attacks/entries/A01</c> and so on.</param>
    /// <param name="scenarios">The ids of all scenarios; null where they are not at hand.</param>
    public static AttackDatabase Read(IEnumerable<(string Name, byte[] Yaml)> files, IReadOnlySet<string>? scenarios = null)
    {
        var read = files.ToDictionary(static file => file.Name, static file => Json(file.Name, file.Yaml), StringComparer.Ordinal);
        var entries = read.Where(static file => file.Key.StartsWith(EntryRoot, StringComparison.Ordinal)).OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => (file.Key[EntryRoot.Length..], file.Value));
        return AttackDatabase.Read(read.GetValueOrDefault(Root + "terms"), read.GetValueOrDefault(Root + "cases"), entries, PolicyFault, scenarios);
    }

    /// <summary>Why a document is no policy, with the place; null when it is one.</summary>
    public static string? PolicyFault(JsonElement policy) =>
        PolicyCompiler.Compile(JsonSerializer.SerializeToUtf8Bytes(policy)) is { Policy: null, Diagnostics: [var first, ..] } ? $"{first.Pointer}: {first.Message}" : null;

    private static JsonElement Json(string name, byte[] yaml) =>
        PolicySyntax.Yaml.ToJson(yaml, out var diagnostics) is { } json ? JsonElement.Parse(json)
            : throw new FormatException($"{name}, line {diagnostics[0].Line}: {diagnostics[0].Message}");

    private static IEnumerable<(string Name, byte[] Yaml)> Resources()
    {
        var assembly = typeof(AttackPack).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Root, StringComparison.Ordinal)))
        {
            yield return (name, Bytes(assembly, name));
        }
    }

    private static byte[] Bytes(Assembly assembly, string name)
    {
        using var resource = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
