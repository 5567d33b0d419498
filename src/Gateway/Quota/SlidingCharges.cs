using System.Runtime.InteropServices;

namespace Callgate.Gateway.Quota;

/// <summary>
/// Every charge of a sliding window, by time, each for itself: only so is the window exact, and a charge that is given back
/// exactly the one that was made. They lie in blocks with sums, so that no answer walks over all of them.
/// </summary>
internal sealed class SlidingCharges
{
    private const int BlockLength = 256;

    private readonly List<Block> blocks = [];

    public int Count { get; private set; }

    public Total Total { get; private set; }

    /// <summary>The ticks of the first charge; there must be one.</summary>
    public long Oldest => blocks[0].Entries[0].At;

    public void Add(long at, decimal amount)
    {
        var index = blocks.Count - 1;
        while (index > 0 && at < blocks[index].Entries[0].At)
        {
            index--;
        }

        // The journal's order may differ from that of the charges by a few, so an insertion is rare and near the end.
        var isNewest = index == blocks.Count - 1 && (index < 0 || at >= blocks[index].Entries[^1].At);
        if (isNewest && (index < 0 || blocks[index].Entries.Count >= BlockLength))
        {
            blocks.Add(new Block());
            index++;
        }

        var block = blocks[index];
        var place = block.Entries.Count;
        while (place > 0 && at < block.Entries[place - 1].At)
        {
            place--;
        }

        block.Entries.Insert(place, new Entry(at, amount));
        block.Sum += Total.Of(amount);
        Total += Total.Of(amount);
        Count++;
    }

    /// <summary>Takes out one charge of this time and amount; false when there is none.</summary>
    public bool TryRemove(long at, decimal amount)
    {
        for (var index = blocks.Count - 1; index >= 0 && blocks[index].Entries[^1].At >= at; index--)
        {
            var block = blocks[index];
            for (var place = block.Entries.Count - 1; place >= 0 && block.Entries[place].At >= at; place--)
            {
                if (block.Entries[place].At == at && block.Entries[place].Amount == amount)
                {
                    Drop(index, place, 1, Total.Of(amount));
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Lets go of the charges up to and at this tick.</summary>
    public void DropUntil(long last)
    {
        while (blocks.Count > 0 && blocks[0].Entries[^1].At <= last)
        {
            Drop(0, 0, blocks[0].Entries.Count, blocks[0].Sum);
        }

        if (blocks.Count == 0 || blocks[0].Entries[0].At > last)
        {
            return;
        }

        var (count, sum) = blocks[0].UpTo(last);
        Drop(0, 0, count, sum);
    }

    /// <summary>The sum of the charges after this tick.</summary>
    public Total After(long last)
    {
        var gone = default(Total);
        foreach (var block in blocks)
        {
            if (block.Entries[0].At > last)
            {
                break;
            }

            gone += block.Entries[^1].At <= last ? block.Sum : block.UpTo(last).Sum;
        }

        return Total - gone;
    }

    /// <summary>The tick of the charge with which so much is gone when the oldest go first; null when there is less.</summary>
    public long? GoneWith(Total amount)
    {
        var gone = default(Total);
        foreach (var block in blocks)
        {
            if (gone + block.Sum < amount)
            {
                gone += block.Sum;
                continue;
            }

            foreach (var entry in CollectionsMarshal.AsSpan(block.Entries))
            {
                gone += Total.Of(entry.Amount);
                if (gone >= amount)
                {
                    return entry.At;
                }
            }
        }

        return null;
    }

    /// <summary>All of them, the oldest first.</summary>
    public IEnumerable<(long At, decimal Amount)> All() =>
        blocks.SelectMany(static block => block.Entries, static (_, entry) => (entry.At, entry.Amount));

    private void Drop(int index, int place, int count, Total sum)
    {
        var block = blocks[index];
        block.Entries.RemoveRange(place, count);
        block.Sum -= sum;
        Total -= sum;
        Count -= count;
        if (block.Entries.Count == 0)
        {
            blocks.RemoveAt(index);
        }
    }

    private readonly record struct Entry(long At, decimal Amount);

    private sealed class Block
    {
        public List<Entry> Entries { get; } = [];

        public Total Sum { get; set; }

        public (int Count, Total Sum) UpTo(long last)
        {
            var (count, sum) = (0, default(Total));
            while (count < Entries.Count && Entries[count].At <= last)
            {
                sum += Total.Of(Entries[count++].Amount);
            }

            return (count, sum);
        }
    }
}
