namespace Callgate.Gateway.Audit;

/// <summary>What a check of the whole chain found.</summary>
/// <param name="Entries">Entries that follow from each other, from the first one there is.</param>
/// <param name="FirstSeq">The first entry there is: 1, or the one after those that retention removed.</param>
/// <param name="Head">The last good entry; note it elsewhere and give it to a later check.</param>
/// <param name="BrokenSeq">The first entry that cannot be trusted; null when all can.</param>
/// <param name="File">Its segment, or the file of heads.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="TailBytes">Bytes of an incomplete last line: one being written, or left by an unclean end.</param>
public sealed record VerifyReport(
    long Entries,
    long FirstSeq,
    JournalHead Head,
    long? BrokenSeq = null,
    string? File = null,
    string? Reason = null,
    long TailBytes = 0)
{
    public bool Ok => BrokenSeq is null;

    /// <summary>Signed heads that the chain agrees with.</summary>
    public long Heads { get; init; }

    /// <summary>The last entry that a signed head covers; 0 when none does.</summary>
    public long SignedSeq { get; init; }
}

/// <summary>What to check, and what is known from elsewhere.</summary>
/// <param name="Path">A folder of segments, or an export.</param>
public sealed record VerifyRequest(string Path)
{
    /// <summary>Whose signatures count. Without one, heads are not looked at.</summary>
    public IReadOnlyList<NoteKey> Keys { get; init; } = [];

    /// <summary>Files of heads that were kept elsewhere.</summary>
    public IReadOnlyList<string> HeadFiles { get; init; } = [];

    /// <summary>A head that an earlier check gave.</summary>
    public JournalHead? Noted { get; init; }

    /// <summary>A record without any signed head is not whole.</summary>
    public bool NeedsHead { get; init; }

    /// <summary>A head must cover the last entry too, as after an orderly stop and in an export. Otherwise what was written since the last head is only linked.</summary>
    public bool IsSealed { get; init; }
}

/// <summary>
/// Checks every entry of every segment, and every signed head. Without a head from elsewhere it finds every change but one: a
/// cut or an edit at the very end that leaves whole entries, which only something kept outside the folder can tell.
/// </summary>
public static class JournalVerifier
{
    /// <summary>Reads the whole journal; call it from a thread of one's own. Progress is the number of entries so far.</summary>
    public static VerifyReport Verify(string directory, IProgress<long>? progress = null, JournalHead? noted = null) =>
        Verify(new VerifyRequest(directory) { Noted = noted }, progress);

    public static VerifyReport Verify(VerifyRequest request, IProgress<long>? progress = null)
    {
        try
        {
            var known = new KnownHeads(request.Keys);
            return Collect(request, known) is { } fault
                ? new VerifyReport(0, 0, default, Math.Max(fault.Seq, 1), fault.File, fault.Reason)
                : Check(request, known, progress);
        }
        catch (JournalDamagedException damage)
        {
            return new VerifyReport(0, 0, default, damage.Seq, damage.File, damage.Reason);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new VerifyReport(0, 0, default, 0, request.Path, $"the journal cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private static HeadFault? Collect(VerifyRequest request, KnownHeads known)
    {
        if (request.Noted is { } noted)
        {
            known.Add(noted);
        }

        var beside = Path.Combine(request.Path, HeadsFile.Name);
        var files = request.Keys.Count > 0 && File.Exists(beside) ? request.HeadFiles.Append(beside) : request.HeadFiles;
        return files.Select(known.AddFile).FirstOrDefault(static fault => fault is not null);
    }

    private static VerifyReport Check(VerifyRequest request, KnownHeads known, IProgress<long>? progress)
    {
        var isExport = File.Exists(request.Path);
        if (isExport && ExportHeader.Read(request.Path, known) is { } fault)
        {
            return new VerifyReport(0, 0, default, Math.Max(fault.Seq, 1), fault.File, fault.Reason);
        }

        var pass = new JournalPass(known, progress);
        var report = isExport ? pass.RunExport(request.Path) : pass.Run(JournalSegments.List(request.Path));
        return report switch
        {
            { Ok: true, Heads: 0 } when request.NeedsHead => report with { BrokenSeq = report.FirstSeq, Reason = $"no head is signed by {string.Join(" or ", request.Keys.Select(static key => $"`{key.Name}`"))}" },
            { Ok: true } when request.IsSealed && report.SignedSeq < report.Head.Seq => report with { BrokenSeq = report.SignedSeq + 1, Reason = $"no signed head covers the entries {report.SignedSeq + 1} to {report.Head.Seq}" },
            _ => report,
        };
    }
}
