using System.Collections.Concurrent;
using System.Text;

namespace Callgate.Gateway.Audit;

/// <summary>What is known of the chain beside the chain: heads that somebody noted, and heads that were signed.</summary>
internal sealed class KnownHeads(IReadOnlyList<NoteKey> keys)
{
    private readonly List<JournalHead> heads = [];
    private readonly HashSet<JournalHead> signed = [];

    /// <summary>Notes whose signature was checked: an anchor has the same as the folder.</summary>
    private readonly HashSet<string> good = new(StringComparer.Ordinal);

    /// <summary>How many heads one of the keys signed.</summary>
    public int Signed => signed.Count;

    /// <summary>By entry; two that contradict each other follow each other.</summary>
    public IReadOnlyList<JournalHead> InOrder()
    {
        heads.Sort(static (one, other) => one.Seq.CompareTo(other.Seq));
        return heads;
    }

    public bool IsSigned(JournalHead head) => signed.Contains(head);

    public void Add(JournalHead noted) => heads.Add(noted);

    /// <summary>Adds the heads of a file. What a crash left of the last one is not there; anything else that is no head is a fault.</summary>
    public HeadFault? AddFile(string path)
    {
        using var text = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var notes = SignedHead.ReadAll(text).ToList();
        if (notes is [.., null] && !HeadsFile.IsWhole(path))
        {
            notes.RemoveAt(notes.Count - 1);
        }

        return Add(notes, Path.GetFileName(path));
    }

    private static string Digest(SignedHead note) => JournalLine.HashText(Encoding.UTF8.GetBytes(note.ToString()));

    public HeadFault? Add(IReadOnlyList<SignedHead?> notes, string file)
    {
        var none = notes.TakeWhile(static note => note is not null).Count();
        if (none < notes.Count)
        {
            return new HeadFault(file, none == 0 ? 1 : notes[none - 1]!.Head.Seq, $"note {none + 1} of the heads is no signed head");
        }

        // A head of a key that was not asked for says nothing: a folder that got a new key has heads of both.
        var ours = keys.SelectMany(key => notes.Where(note => note!.Origin == key.Name && !good.Contains(Digest(note))).Select(note => (Key: key, Note: note!))).ToList();
        var wrong = new ConcurrentBag<SignedHead>();
        Parallel.ForEach(Partitioner.Create(0, Math.Max(1, ours.Count), 256), range =>
        {
            for (var i = range.Item1; i < Math.Min(range.Item2, ours.Count); i++)
            {
                using var key = NoteKey.TryParse(ours[i].Key.Text);
                if (!ours[i].Note.IsSignedBy(key!))
                {
                    wrong.Add(ours[i].Note);
                }
            }
        });
        if (wrong.MinBy(static note => note.Head.Seq) is { } first)
        {
            return new HeadFault(file, first.Head.Seq, $"the head of entry {first.Head.Seq} is not signed by `{first.Origin}`");
        }

        foreach (var (_, note) in ours)
        {
            good.Add(Digest(note));
            if (signed.Add(note.Head))
            {
                heads.Add(note.Head);
            }
        }

        return null;
    }
}

/// <summary>A file of heads is not what was written.</summary>
internal sealed record HeadFault(string File, long Seq, string Reason);
