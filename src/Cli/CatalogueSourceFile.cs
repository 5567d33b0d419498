using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary>Where servers for the catalogue are read: values of JSON one after the other, so that a large file need not fit in memory.</summary>
internal sealed class CatalogueSourceFile : IAsyncDisposable
{
    private const int PageLength = 100;

    private const int LargestPage = 64 * 1024 * 1024;

    /// <summary>A registry that never ends does not keep us for ever.</summary>
    private const int MostPages = 10_000;

    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly Stream? stream;
    private readonly string what;
    private readonly Uri? registry;

    private CatalogueSourceFile(Stream? stream, Uri? registry, string what) => (this.stream, this.registry, this.what) = (stream, registry, what);

    /// <summary>How much of it has been read, from 0 to 1; null where its length is not known.</summary>
    public double? Share => stream is { CanSeek: true, Length: > 0 } ? (double)stream.Position / stream.Length : null;

    /// <summary>What is read is one list, so that each value is an item of it.</summary>
    public bool IsList { get; private set; }

    public static CatalogueSourceFile Open(string file)
    {
        if (file == "-")
        {
            return new CatalogueSourceFile(Console.OpenStandardInput(), null, "stdin");
        }

        try
        {
            return new CatalogueSourceFile(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024), null, $"`{file}`");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{file}` cannot be read: {exception.Message}");
        }
    }

    public static CatalogueSourceFile OfRegistry(string url) =>
        Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? new CatalogueSourceFile(null, address, $"the registry {url}")
            : throw new CommandFault(ExitCode.Usage, $"callgate: `{url}` is no address of a registry; write it as https://HOST");

    public IAsyncEnumerable<JsonElement> ValuesAsync(CancellationToken ct) => registry is not null ? PagesAsync(ct) : InFileAsync(ct);

    public ValueTask DisposeAsync() => stream?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async IAsyncEnumerable<JsonElement> InFileAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var values = new JsonValues(stream!);
        await using var each = values.ReadAsync(ct).GetAsyncEnumerator(ct);
        for (var number = 1; ; number++)
        {
            try
            {
                if (!await each.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (JsonException fault)
            {
                throw new CommandFault(ExitCode.Failed, $"callgate: {what} cannot be read at value {number}: {fault.Message}; what stood before it is taken in");
            }
            catch (IOException fault)
            {
                throw new CommandFault(ExitCode.Failed, $"callgate: {what} cannot be read at value {number}: {fault.Message}; what stood before it is taken in");
            }

            IsList = values.IsList;
            yield return each.Current;
        }
    }

    private async IAsyncEnumerable<JsonElement> PagesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = registry, Timeout = TimeSpan.FromMinutes(1), MaxResponseContentBufferSize = LargestPage };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.UserAgent.ParseAdd("callgate-cli");
        string? cursor = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var page = 0; page < MostPages; page++)
        {
            var value = await PageAsync(http, cursor, ct);
            yield return value;
            var next = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("nextCursor", out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
            if (next is not { Length: > 0 } || !seen.Add(next))
            {
                yield break;
            }

            cursor = next;
        }
    }

    private async Task<JsonElement> PageAsync(HttpClient http, string? cursor, CancellationToken ct)
    {
        try
        {
            var query = $"v0.1/servers?limit={PageLength}&version=latest" + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor));
            using var answer = await http.GetAsync(new Uri(query, UriKind.Relative), ct);
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync(ct), Strict)
                : throw new CommandFault(ExitCode.Failed, $"callgate: {what} answers {(int)answer.StatusCode}; what came before it is taken in");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !ct.IsCancellationRequested))
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: {what} does not answer as a registry does ({exception.Message.TrimEnd('.')}); what came before it is taken in");
        }
    }
}
