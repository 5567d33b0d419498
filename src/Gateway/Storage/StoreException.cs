namespace Callgate.Gateway.Storage;

/// <summary>Kept state cannot be used: damaged, foreign, newer than this program, sealed with another key, or in use. The message names the file.</summary>
public class StoreException : Exception
{
    public StoreException()
    {
    }

    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>The file itself is the fault: opening it again would fail again. False for locks, full disks and missing rights.</summary>
    public bool FileIsUnusable { get; init; }
}

/// <summary>A key file is damaged, unreadable or open to others. The message names the file.</summary>
public sealed class KeyringException : StoreException
{
    public KeyringException()
    {
    }

    public KeyringException(string message)
        : base(message)
    {
    }

    public KeyringException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
