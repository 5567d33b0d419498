namespace Callgate.Gateway.Audit;

/// <summary>The journal on disk is not what was written: it is neither read past this point nor appended to.</summary>
public sealed class JournalDamagedException : Exception
{
    public JournalDamagedException(string file, long seq, string reason)
        : base($"the journal is damaged: {reason} (file `{file}`, entry {seq}); restore the file from a backup, or move the folder away to begin a new record")
    {
        File = file;
        Seq = seq;
        Reason = reason;
    }

    /// <summary>The segment's path.</summary>
    public string File { get; }

    /// <summary>The first entry that cannot be trusted.</summary>
    public long Seq { get; }

    public string Reason { get; }
}
