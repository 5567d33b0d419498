using System.Globalization;
using System.Net;

namespace Callgate.Gateway;

/// <summary>Why a receiver did not take what was posted. No text of the receiver and nothing of its address is in it.</summary>
/// <param name="IsRefusal">It was understood and is not wanted; another try is unlikely to change that.</param>
public sealed record Untaken(string Why, bool IsRefusal = false);

/// <summary>
/// One attempt to post to a receiver outside that the configuration names: a webhook or an anchor. No proxy of the environment
/// is used, redirects are not followed, and of the answer only the status is read.
/// </summary>
internal sealed class OutsidePost(TimeProvider time) : IDisposable
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
    public async Task<Untaken?> SendAsync(Uri address, HttpContent content, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Version = HttpVersion.Version11, Content = content };
        foreach (var (name, value) in headers.Prepend(("User-Agent", "callgate")))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

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

    private static Untaken? Judged(int status) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => new Untaken(string.Create(CultureInfo.InvariantCulture, $"it answered {status}, and redirects are not followed")),
        _ => new Untaken(string.Create(CultureInfo.InvariantCulture, $"it answered {status}"), IsRefusal: status is >= 400 and < 500 and not (408 or 425 or 429)),
    };
}

/// <summary>How long to leave a receiver alone that takes nothing: longer each time.</summary>
/// <param name="longest">The pause that is not exceeded.</param>
internal sealed class BackOff(TimeSpan longest)
{
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
    ];

    private int failures;

    /// <summary>The pause after one more failure.</summary>
    public TimeSpan Next()
    {
        var step = Steps[Math.Min(failures++, Steps.Length - 1)];
        return step < longest ? step : longest;
    }

    /// <summary>It takes again.</summary>
    public void Reset() => failures = 0;
}
