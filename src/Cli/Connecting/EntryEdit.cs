using System.Text;
using Callgate.Gateway.Clients;

namespace Callgate.Cli.Connecting;

/// <summary>Other text for a stretch of a file.</summary>
internal readonly record struct TextEdit(ByteRange Range, string Text);

/// <summary>
/// Changes entries in the text of their file and leaves the rest of it as it is, comments and white space included: people keep
/// these files by hand.
/// </summary>
internal static class EntryEdit
{
    /// <summary>The edits that put the new members in the place of those that say how a server is reached; null where the spelling does not let itself be changed.</summary>
    public static IReadOnlyList<TextEdit>? Of(byte[] file, ConfigNode entry, GateMembers members, bool toml)
    {
        var old = entry.Members.Where(GateMembers.IsConnection).ToList();
        if (old.Count == 0)
        {
            return null;
        }

        return entry.Form switch
        {
            NodeForm.Table => Table(file, entry, old, members),
            NodeForm.Braces => Braces(file, entry, toml ? members.Toml() : members.Json()),
            _ => null,
        };
    }

    public static byte[] Apply(byte[] file, IEnumerable<TextEdit> edits)
    {
        // From the end to the beginning, so that places stay where they are.
        var changed = new List<byte>(file);
        foreach (var edit in edits.OrderByDescending(static edit => edit.Range.Start).ThenByDescending(static edit => edit.Range.End))
        {
            changed.RemoveRange(edit.Range.Start, edit.Range.End - edit.Range.Start);
            changed.InsertRange(edit.Range.Start, Encoding.UTF8.GetBytes(edit.Text));
        }

        return [.. changed];
    }

    private static List<TextEdit> Table(byte[] file, ConfigNode entry, List<ConfigMember> old, GateMembers members)
    {
        var line = file.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        var before = entry.Body > 0 && file[entry.Body - 1] != (byte)'\n' ? line : "";
        var text = before + string.Concat(members.Toml().Select(member => member + line));
        return [new TextEdit(new ByteRange(entry.Body, entry.Body), text), .. old.SelectMany(static member => member.Ranges).Select(static range => new TextEdit(range, ""))];
    }

    private static List<TextEdit>? Braces(byte[] file, ConfigNode entry, IEnumerable<string> members)
    {
        if (entry.Members.Any(static member => member.Ranges.Count != 1))
        {
            return null;
        }

        var (edits, stays) = (new List<TextEdit>(), default(ByteRange));
        for (var at = 0; at < entry.Members.Count; at++)
        {
            if (!GateMembers.IsConnection(entry.Members[at]))
            {
                stays = entry.Members[at].Ranges[0];
                continue;
            }

            // The first makes room for the new ones.
            var range = entry.Members[at].Ranges[0];
            if (edits.Count == 0)
            {
                edits.Add(new TextEdit(range, string.Join("," + Before(file, range.Start), members)));
                stays = range;
                continue;
            }

            var comma = Comma(file, range.End);
            var whole = Whole(file, range, comma);
            edits.Add(new TextEdit(whole with { Start = Math.Max(whole.Start, edits[^1].Range.End) }, ""));
            if (comma < 0)
            {
                var last = Comma(file, stays.End);
                edits.Add(new TextEdit(new ByteRange(last, last + 1), ""));
            }
        }

        return edits;
    }

    /// <summary>
    /// A member with its comma, and with its line where nothing else stands on it: what follows on the line must not come to
    /// stand behind a comment that ends the line before.
    /// </summary>
    private static ByteRange Whole(byte[] file, ByteRange member, int comma)
    {
        var end = comma < 0 ? member.End : comma + 1;
        var rest = end;
        while (rest < file.Length && file[rest] is (byte)' ' or (byte)'\t')
        {
            rest++;
        }

        var gap = Gap(file, member.Start);
        var breaks = file.AsSpan(gap, member.Start - gap).Contains((byte)'\n');
        var alone = rest == file.Length || file[rest] is (byte)'\r' or (byte)'\n';
        return alone || !breaks ? new ByteRange(gap, end) : new ByteRange(member.Start, rest);
    }

    /// <summary>The comma that follows, over white space and comments; -1 where none does.</summary>
    private static int Comma(byte[] file, int at)
    {
        while (at < file.Length)
        {
            var rest = file.AsSpan(at);
            var skipped = rest[0] switch
            {
                (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' => 1,
                (byte)'/' when rest.StartsWith("/*"u8) => rest.IndexOf("*/"u8) + 2,
                (byte)'/' or (byte)'#' => rest.IndexOf((byte)'\n') + 1,
                _ => 0,
            };
            if (skipped == 0)
            {
                return rest[0] == (byte)',' ? at : -1;
            }

            at += skipped;
        }

        return -1;
    }

    /// <summary>The line break and indentation that a member stands behind, or a space.</summary>
    private static string Before(byte[] file, int start)
    {
        var gap = Encoding.ASCII.GetString(file, Gap(file, start), start - Gap(file, start));
        return gap.Contains('\n', StringComparison.Ordinal) ? gap : " ";
    }

    /// <summary>Where the white space before a member begins, at the end of the line before at the earliest.</summary>
    private static int Gap(byte[] file, int start)
    {
        while (start > 0 && file[start - 1] is (byte)' ' or (byte)'\t')
        {
            start--;
        }

        if (start > 0 && file[start - 1] == (byte)'\n')
        {
            start -= start > 1 && file[start - 2] == (byte)'\r' ? 2 : 1;
        }

        return start;
    }
}
