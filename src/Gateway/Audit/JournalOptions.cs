using System.Globalization;

namespace Callgate.Gateway.Audit;

/// <summary>Where the journal lives and what it promises.</summary>
/// <param name="Directory">The folder of the segments and of nothing else.</param>
/// <param name="Floor">The least every append survives; an entry of a policy can only raise it.</param>
/// <param name="SegmentBytes">A segment that has grown to this size is followed by the next.</param>
/// <param name="ReserveBytes">Disk kept for the traffic of grants: below twice this much free, other refusals are only counted.</param>
public sealed record JournalOptions(
    string Directory,
    Durability Floor = Durability.Process,
    long SegmentBytes = 64L << 20,
    long ReserveBytes = 64L << 20)
{
    public JournalRetention Retention { get; init; } = new();

    /// <summary>An append that is not done by then is refused.</summary>
    public TimeSpan AppendLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a failed journal tries to open a fresh segment.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long written entries may wait for the disk under <see cref="Durability.Process"/>.</summary>
    public TimeSpan SyncEvery { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often refusals that were only counted become an entry.</summary>
    public TimeSpan CountEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Entries that may wait for the writer; more are refused.</summary>
    public int QueueLength { get; init; } = 16_384;

    internal JournalDisk Disk { get; init; } = new();
}

/// <summary>When the oldest segments go; null keeps them. The current segment always stays.</summary>
/// <param name="Age">Since the last entry of the segment.</param>
/// <param name="Bytes">Of all segments together.</param>
public sealed record JournalRetention(TimeSpan? Age = null, long? Bytes = null);

/// <summary>The end of the chain: noted outside the machine, it lets a verifier find a cut or an edit at the very end.</summary>
/// <param name="Hash">SHA-256 of the entry's line, lower-case hex.</param>
public readonly record struct JournalHead(long Seq, string Hash)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static JournalHead? TryParse(string text) =>
        text.Split(':') is [var seq, { Length: 64 } hash] && hash.All(char.IsAsciiHexDigit)
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new JournalHead(number, hash.ToLowerInvariant())
            : null;

    /// <summary>As it is noted: <c>SEQ:HASH</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seq}:{Hash}");
}
