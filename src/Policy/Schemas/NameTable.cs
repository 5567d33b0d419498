using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Callgate.Policy.Schemas;

/// <summary>Names by their UTF-8, each with a place of its own from 0. Finding one allocates nothing.</summary>
internal sealed class NameTable
{
    private const int FewNames = 8;

    private readonly byte[][] names;
    private readonly Dictionary<byte[], int>? places;

    public NameTable(IEnumerable<string> names)
    {
        Names = [.. names];
        this.names = [.. Names.Select(Encoding.UTF8.GetBytes)];
        places = Names.Length > FewNames ? new Dictionary<byte[], int>(new ByUtf8()) : null;
        for (var i = 0; places is not null && i < this.names.Length; i++)
        {
            places[this.names[i]] = i;
        }
    }

    public ImmutableArray<string> Names { get; }

    /// <summary>The place of a name; −1 when it is not here.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        if (places is not null)
        {
            return places.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var place) ? place : -1;
        }

        for (var i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private sealed class ByUtf8 : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
