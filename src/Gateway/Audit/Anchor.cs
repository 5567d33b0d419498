namespace Callgate.Gateway.Audit;

/// <summary>A place outside the data folder that keeps a copy of the signed heads: a file that is appended to, or an address they are posted to.</summary>
public sealed record Anchor
{
    private Anchor(string? file, Uri? webhook) => (File, Webhook) = (file, webhook);

    /// <summary>The full path.</summary>
    public string? File { get; }

    public Uri? Webhook { get; }

    /// <summary>As messages show it: the path and query of an address may carry a secret.</summary>
    public string Name => File ?? Webhook!.GetLeftPart(UriPartial.Authority);

    /// <summary>What tells its position from those of other anchors.</summary>
    internal string Id => JournalLine.HashText(System.Text.Encoding.UTF8.GetBytes(File ?? Webhook!.AbsoluteUri));

    public static Anchor ToFile(string path) => new(path, null);

    public static Anchor ToWebhook(Uri address) => new(null, address);
}
