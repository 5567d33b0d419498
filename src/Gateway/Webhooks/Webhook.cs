using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Webhooks;

/// <summary>What is posted to a receiver.</summary>
public enum WebhookFormat
{
    /// <summary>Everything about the approval, signed.</summary>
    Json,

    /// <summary>One text for people, as Slack and what is like it take it.</summary>
    Slack,
}

/// <summary>A receiver that is told about approvals. Its address can be a secret, so no text of ours holds more of it than the host.</summary>
/// <param name="Number">Its place in the configuration, counted from 1.</param>
/// <param name="Secret">What it is signed with; null where nothing is.</param>
/// <param name="Asked">It is told when people are asked.</param>
/// <param name="Answered">It is told what became of it.</param>
public sealed record Webhook(int Number, Uri Url, string? Secret, WebhookFormat Format, bool Asked, bool Answered)
{
    /// <summary>What its notices are kept under. The address itself is not stored.</summary>
    public string Key { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Url.AbsoluteUri)))[..32];

    /// <summary>How it is named to people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"webhook {Number} ({Url.Host})");
}
