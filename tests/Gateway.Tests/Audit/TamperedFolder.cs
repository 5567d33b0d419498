using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>One way to change a record, and the first entry that is wrong then.</summary>
internal sealed record Tampering(string What, long FirstWrong, List<List<string>> Segments)
{
    /// <summary>What is left of the heads in the folder itself.</summary>
    public string? Heads { get; init; }

    /// <summary>The number in the name of each segment.</summary>
    public required List<long> Names { get; init; }
}

/// <summary>
/// Changes a record as somebody would who can write every file of it but has no key: carelessly, or with all numbers and
/// hashes made right again.
/// </summary>
internal sealed class TamperedFolder(IReadOnlyList<List<string>> original, string heads, IReadOnlyList<(List<List<string>> Segments, string Heads)> older)
{
    private static readonly string[] Kinds = ["edit", "insert", "delete", "swap", "truncate", "roll-back"];

    private readonly Dictionary<string, string> written = new(StringComparer.Ordinal);

    public Tampering Next(Random random)
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        if (kind == "roll-back")
        {
            var (segments, oldHeads) = older[random.Next(older.Count)];
            return new Tampering(kind, segments.Sum(static lines => lines.Count) + 1, segments) { Heads = oldHeads, Names = NamesOf(segments) };
        }

        var copy = original.Select(static lines => lines.ToList()).ToList();
        var segment = random.Next(copy.Count);
        var at = random.Next(copy[segment].Count);
        var seq = copy.Take(segment).Sum(static lines => lines.Count) + at + 1;
        if (kind == "truncate")
        {
            return Truncate(random, copy, segment, at, seq);
        }

        var careful = random.Next(2) == 0;
        switch (kind)
        {
            case "edit":
                Edit(random, copy[segment], at, careful);
                break;
            case "insert":
                copy[segment].Insert(at + 1, copy[segment][random.Next(copy[segment].Count)]);
                break;
            case "delete":
                copy[segment].RemoveAt(at);
                break;
            default:
                var other = (at + random.Next(1, copy[segment].Count)) % copy[segment].Count;
                (copy[segment][at], copy[segment][other]) = (copy[segment][other], copy[segment][at]);
                break;
        }

        if (careful)
        {
            Relink(copy);
        }

        var same = original.SelectMany(static lines => lines).Zip(copy.SelectMany(static lines => lines)).TakeWhile(static pair => pair.First == pair.Second).Count();
        return new Tampering($"{kind}, {(careful ? "linked again" : "left as it is")}", same + 1, copy) { Heads = heads, Names = NamesOf(careful ? copy : original) };
    }

    /// <summary>Brings the folder to this state; what stands there already stays.</summary>
    public void Write(string directory, Tampering change)
    {
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal) { [HeadsFile.Name] = change.Heads ?? "" };
        foreach (var (first, lines) in change.Names.Zip(change.Segments).Where(static pair => pair.Second.Count > 0))
        {
            wanted[first.ToString("D20", CultureInfo.InvariantCulture) + ".jsonl"] = string.Join('\n', lines) + (lines[^1].EndsWith('\0') ? "" : "\n");
        }

        foreach (var gone in written.Keys.Except(wanted.Keys, StringComparer.Ordinal).ToList())
        {
            File.Delete(Path.Combine(directory, gone));
            written.Remove(gone);
        }

        foreach (var (name, text) in wanted.Where(pair => !string.Equals(written.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal)))
        {
            File.WriteAllText(Path.Combine(directory, name), text);
            written[name] = text;
        }
    }

    private static void Edit(Random random, List<string> lines, int at, bool careful)
    {
        var line = lines[at];
        if (careful)
        {
            // What can be linked again is an entry that still is one.
            var time = line.IndexOf("2026-", StringComparison.Ordinal);
            lines[at] = line[..time] + "2027" + line[(time + 4)..];
            return;
        }

        var place = random.Next(line.Length);
        var other = (char)random.Next(' ', 127);
        lines[at] = line[..place] + (other == line[place] ? '~' : other) + line[(place + 1)..];
    }

    /// <summary>Cut anywhere; the heads that lie in the folder are cut with it.</summary>
    private Tampering Truncate(Random random, List<List<string>> copy, int segment, int at, long seq)
    {
        copy.RemoveRange(segment + 1, copy.Count - segment - 1);
        var rest = copy[segment][at];
        copy[segment].RemoveRange(at, copy[segment].Count - at);
        if (random.Next(2) == 0)
        {
            copy[segment].Add(rest[..random.Next(rest.Length)] + '\0');
        }

        var left = SignedHead.ReadAll(new StringReader(heads)).Where(head => head!.Head.Seq < seq);
        return new Tampering("truncate", seq, copy) { Heads = string.Concat(left), Names = NamesOf(original) };
    }

    private static List<long> NamesOf(IReadOnlyList<List<string>> segments)
    {
        var next = 1L;
        return [.. segments.Select(lines => (next += lines.Count) - lines.Count)];
    }

    private static void Relink(List<List<string>> segments)
    {
        var (seq, prev) = (1L, new string('0', 64));
        foreach (var lines in segments)
        {
            for (var i = 0; i < lines.Count; i++)
            {
                var kind = lines[i].IndexOf("\",\"kind\"", StringComparison.Ordinal);
                lines[i] = string.Create(CultureInfo.InvariantCulture, $"{{\"seq\":{seq++},\"prev\":\"{prev}{lines[i][kind..]}");
                prev = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines[i])));
            }
        }
    }
}
