namespace Callgate.Policy.Tests.Reference;

/// <summary>Picks that depend on the seed and the place alone, so that any case can be made again by itself.</summary>
internal sealed class Draw(int seed, int place, int part)
{
    private readonly Random random = new(unchecked((int)Mix((ulong)(uint)seed ^ Mix((ulong)(uint)place ^ Mix((ulong)(uint)part)))));

    public int Below(int limit) => random.Next(limit);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T One<T>(IReadOnlyList<T> pool) => pool[random.Next(pool.Count)];

    /// <summary>One of the first few as often as one of all, so that the two sides of a comparison meet.</summary>
    public T Near<T>(IReadOnlyList<T> pool) => pool[random.Next(Chance(50) ? Math.Min(5, pool.Count) : pool.Count)];

    /// <summary>Up to <paramref name="most"/> different members of the pool in any order.</summary>
    public T[] Some<T>(IReadOnlyList<T> pool, int most)
    {
        var all = pool.ToArray();
        random.Shuffle(all);
        return all[..Math.Min(all.Length, random.Next(most + 1))];
    }

    /// <summary>SplitMix64's last step: neighbouring places must not look alike.</summary>
    private static ulong Mix(ulong value)
    {
        value = unchecked((value + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9);
        value = unchecked((value ^ (value >> 27)) * 0x94D049BB133111EB);
        return value ^ (value >> 31);
    }
}
