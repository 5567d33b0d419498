namespace Callgate.Gateway.Configuration;

/// <summary>
/// Notices that files changed by their content, so that a rename into place, a swapped symbolic link and a file that
/// comes back are seen like any edit. A change counts once it was seen twice: a file in the middle of being written
/// may be sound and mean something else.
/// </summary>
internal sealed class WatchedFiles(ConfigurationLoad load)
{
    private ConfigurationLoad load = load;
    private string? seen;

    /// <summary>True at the second look in a row that shows one and the same change from what was read.</summary>
    public bool Look()
    {
        var now = FilesRead.FingerprintOf(load.Files);
        var twice = now == seen;
        seen = now;
        return twice && now != load.Fingerprint;
    }

    /// <summary>Compares with this reading from now on.</summary>
    public void Follow(ConfigurationLoad next)
    {
        load = next;
        seen = null;
    }
}
