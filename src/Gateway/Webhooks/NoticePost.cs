using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Approvals;

namespace Callgate.Gateway.Webhooks;

/// <summary>Why a receiver did not take a notice. No text of the receiver and nothing of its address is in it.</summary>
/// <param name="IsRefusal">It was understood and is not wanted; another try is unlikely to change that.</param>
public sealed record Untaken(string Why, bool IsRefusal = false);

/// <summary>One attempt to deliver: a signed POST. Redirects are not followed, and of the answer only the status is read.</summary>
internal sealed class NoticePost(ApprovalPages pages, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = Limit,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 0,
    });

    /// <summary>Null when it was taken.</summary>
    public async Task<Untaken?> SendAsync(Webhook webhook, Notice notice, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using var request = Request(webhook, notice);
        try
        {
            using var response = await http.SendAsync(request, either.Token).ConfigureAwait(false);
            return Judged((int)response.StatusCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Untaken(string.Create(CultureInfo.InvariantCulture, $"no answer within {Limit.TotalSeconds:0} s"));
        }
        catch (HttpRequestException exception)
        {
            // The text of the exception can hold what the other side sent.
            return new Untaken(exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its host name is not known",
                HttpRequestError.ConnectionError => "no connection",
                HttpRequestError.SecureConnectionError => "no secure connection",
                _ => "no proper answer",
            });
        }
        catch (IOException)
        {
            return new Untaken("the connection broke");
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary><c>t=UNIX,v1=HEX</c>: HMAC-SHA256 over the time, a full stop and the body.</summary>
    public static string Signature(string secret, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var stamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={stamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(stamp + "."), .. body]))}";
    }

    private HttpRequestMessage Request(Webhook webhook, Notice notice)
    {
        var page = pages.Of(notice.Approval.Id);
        var body = webhook.Format == WebhookFormat.Slack ? SlackText.Body(notice, page) : NoticeJson.Body(notice, page);
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Version = HttpVersion.Version11, Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "callgate");
        request.Headers.TryAddWithoutValidation("Callgate-Event", notice.Event);
        request.Headers.TryAddWithoutValidation("Callgate-Delivery", notice.Id);
        if (webhook.Secret is { } secret)
        {
            request.Headers.TryAddWithoutValidation("Callgate-Signature", Signature(secret, time.GetUtcNow(), body.Span));
        }

        return request;
    }

    private static Untaken? Judged(int status) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => new Untaken(string.Create(CultureInfo.InvariantCulture, $"it answered {status}, and redirects are not followed")),
        _ => new Untaken(string.Create(CultureInfo.InvariantCulture, $"it answered {status}"), IsRefusal: status is >= 400 and < 500 and not (408 or 425 or 429)),
    };
}
