using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Callgate.Catalogue;

namespace Callgate.Gateway.Discovery;

/// <summary>The names of all tools behind the gate, by how they look. What a name looks like is worked out once for each list of a server.</summary>
public static class PinnedNames
{
    private static readonly ConditionalWeakTable<PinnedServer, List<ListedName>> Names = [];
    private static readonly ConditionalWeakTable<FrozenDictionary<string, PinnedServer>, NameIndex> Indexes = [];

    public static NameIndex Of(Snapshot now) => Indexes.GetValue(now.Pins, static pins => NameIndex.Of(
        pins.Values.OrderBy(static pinned => pinned.Server, StringComparer.Ordinal).SelectMany(static pinned => Names.GetValue(pinned, Read))));

    private static List<ListedName> Read(PinnedServer pinned) =>
        [.. pinned.Tools.Keys.Concat(pinned.Waiting.Keys).Order(StringComparer.Ordinal).Select(tool => ListedName.Of(pinned.Server.Split('@')[0], tool))];
}
