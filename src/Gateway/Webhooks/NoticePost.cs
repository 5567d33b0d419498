using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Approvals;

namespace Callgate.Gateway.Webhooks;

/// <summary>One attempt to deliver: what stands in the POST, and its signature.</summary>
internal sealed class NoticePost(ApprovalPages pages, TimeProvider time) : IDisposable
{
    private readonly OutsidePost outside = new(time);

    /// <summary>Null when it was taken.</summary>
    public async Task<Untaken?> SendAsync(Webhook webhook, Notice notice, CancellationToken cancellationToken)
    {
        var page = pages.Of(notice.Approval.Id);
        var body = webhook.Format == WebhookFormat.Slack ? SlackText.Body(notice, page) : NoticeJson.Body(notice, page);
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        List<(string, string)> headers = [("Callgate-Event", notice.Event), ("Callgate-Delivery", notice.Id)];
        if (webhook.Secret is { } secret)
        {
            headers.Add(("Callgate-Signature", Signature(secret, time.GetUtcNow(), body.Span)));
        }

        return await outside.SendAsync(webhook.Url, content, headers, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => outside.Dispose();

    /// <summary><c>t=UNIX,v1=HEX</c>: HMAC-SHA256 over the time, a full stop and the body.</summary>
    public static string Signature(string secret, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var stamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={stamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(stamp + "."), .. body]))}";
    }
}
