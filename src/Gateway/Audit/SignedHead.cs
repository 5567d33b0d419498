using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Audit;

/// <summary>
/// An end of the chain that was signed, as a C2SP signed note. Its text has the lines of a checkpoint (origin, number of the
/// entry, base64 of the SHA-256 of its line) and the time of signing. The hash is that of a chain and not the root of a tree.
/// </summary>
/// <param name="Text">What is signed: every line before the empty one.</param>
/// <param name="Signatures">The name of a key, and what it made.</param>
public sealed record SignedHead(string Origin, JournalHead Head, DateTimeOffset Time, string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>An em dash and a space begin a line that is a signature.</summary>
    private const string Mark = "— ";

    /// <summary>More than a note of ours with 16 signatures has.</summary>
    private const int MostLines = 64;

    /// <summary>The note as it stands in a file of heads, which is one note after the other, each ended by an empty line.</summary>
    public override string ToString() =>
        $"{Text}\n{string.Concat(Signatures.Select(static signature => $"{Mark}{signature.Name} {Convert.ToBase64String(signature.Bytes.Span)}\n"))}\n";

    public static SignedHead Sign(JournalKey key, JournalHead head, DateTimeOffset now)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{key.Public.Name}\n{head.Seq}\n{Convert.ToBase64String(Convert.FromHexString(head.Hash))}\n{AuditIndexSearch.Written(now)}\n");
        return new SignedHead(key.Public.Name, head, now, text, [new NoteSignature(key.Public.Name, key.Sign(Encoding.UTF8.GetBytes(text)))]);
    }

    /// <summary>The notes of a text, in order. Null stands for what is no note of ours.</summary>
    public static IEnumerable<SignedHead?> ReadAll(TextReader text)
    {
        var lines = new List<string>();
        var isSigned = false;
        while (text.ReadLine() is { } line)
        {
            if (line.Length == 0 && (isSigned || lines.Count == 0))
            {
                if (lines.Count > 0)
                {
                    yield return TryRead(lines);
                }

                lines.Clear();
                isSigned = false;
                continue;
            }

            lines.Add(line);
            isSigned |= line.StartsWith(Mark, StringComparison.Ordinal);
            if (lines.Count > MostLines)
            {
                yield return null;
                yield break;
            }
        }

        if (lines.Count > 0)
        {
            yield return TryRead(lines);
        }
    }

    /// <summary>Whether this key signed it. A signature of another key says nothing, and one of this key that is wrong says no.</summary>
    public bool IsSignedBy(NoteKey key) =>
        string.Equals(Origin, key.Name, StringComparison.Ordinal)
        && Signatures.Any(signature => string.Equals(signature.Name, key.Name, StringComparison.Ordinal) && key.Verifies(Encoding.UTF8.GetBytes(Text), signature.Bytes.Span));

    private static SignedHead? TryRead(List<string> lines)
    {
        var empty = lines.LastIndexOf("");
        if (empty < 4)
        {
            return null;
        }

        var hash = new byte[48];
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seq) || seq < 1
            || !Convert.TryFromBase64String(lines[2], hash, out var length) || length != JournalLine.HashLength / 2
            || !DateTimeOffset.TryParseExact(lines[3], AuditIndexSearch.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return null;
        }

        var signatures = new List<NoteSignature>();
        foreach (var line in lines.Skip(empty + 1))
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal) || line[Mark.Length..].Split(' ') is not [{ Length: > 0 } name, var encoded] || !Base64.IsValid(encoded))
            {
                return null;
            }

            signatures.Add(new NoteSignature(name, Convert.FromBase64String(encoded)));
        }

        var head = new JournalHead(seq, Convert.ToHexStringLower(hash.AsSpan(0, length)));
        return signatures.Count == 0 ? null : new SignedHead(lines[0], head, time, string.Concat(lines.Take(empty).Select(static line => line + "\n")), signatures);
    }
}

/// <summary>A signature line of a note: the name of a key, and its id and signature.</summary>
public sealed record NoteSignature(string Name, ReadOnlyMemory<byte> Bytes);
