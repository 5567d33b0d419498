using System.Text.RegularExpressions;

namespace Callgate.Cli.Scanning;

/// <summary>Tokens that are known by their shape, whatever member they stand in.</summary>
internal static partial class SecretShapes
{
    private static readonly (Regex Shape, string What)[] Known =
    [
        (GitHub(), "a GitHub token"),
        (GitLab(), "a GitLab token"),
        (Model(), "a key of a model service"),
        (Slack(), "a Slack token"),
        (Amazon(), "an AWS access key"),
        (Google(), "a Google API key"),
        (Stripe(), "a Stripe key"),
        (Npm(), "an npm token"),
        (HuggingFace(), "a Hugging Face token"),
        (SendGrid(), "a SendGrid key"),
        (Databricks(), "a Databricks token"),
        (Notion(), "a Notion token"),
        (Linear(), "a Linear key"),
        (Jwt(), "a JSON Web Token"),
        (PrivateKey(), "a private key"),
        (Grant(), "a grant of Callgate"),
    ];

    public static IEnumerable<SecretSpan> In(string value) => Known.SelectMany(known =>
        known.Shape.Matches(value).Select(match => new SecretSpan(match.Index, match.Length, known.What, Severity.Critical)));

    [GeneratedRegex(@"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}")]
    private static partial Regex GitHub();

    [GeneratedRegex(@"glpat-[A-Za-z0-9_\-]{16,}")]
    private static partial Regex GitLab();

    [GeneratedRegex(@"(?<![A-Za-z0-9])sk-[A-Za-z0-9_\-]{16,}")]
    private static partial Regex Model();

    [GeneratedRegex(@"xox[abeoprs]-[A-Za-z0-9\-]{8,}|xapp-[A-Za-z0-9\-]{8,}|hooks\.slack\.com/services/[A-Za-z0-9/]{8,}")]
    private static partial Regex Slack();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])")]
    private static partial Regex Amazon();

    [GeneratedRegex(@"AIza[A-Za-z0-9_\-]{30,}|ya29\.[A-Za-z0-9_\-]{20,}")]
    private static partial Regex Google();

    [GeneratedRegex(@"(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{10,}")]
    private static partial Regex Stripe();

    [GeneratedRegex(@"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}")]
    private static partial Regex Npm();

    [GeneratedRegex(@"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{20,}")]
    private static partial Regex HuggingFace();

    [GeneratedRegex(@"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}")]
    private static partial Regex SendGrid();

    [GeneratedRegex(@"(?<![A-Za-z0-9])dapi[0-9a-f]{32}")]
    private static partial Regex Databricks();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:ntn_|secret_)[A-Za-z0-9]{30,}")]
    private static partial Regex Notion();

    [GeneratedRegex(@"lin_api_[A-Za-z0-9]{20,}")]
    private static partial Regex Linear();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----[^\0]*")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"(?<![A-Za-z0-9])cg_[A-Za-z0-9_\-]{24,}")]
    private static partial Regex Grant();
}
