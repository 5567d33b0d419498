using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary>Where servers for the catalogue are read: values of JSON one after the other, so that a large file need not fit in memory.</summary>
internal sealed class CatalogueSourceFile : IAsyncDisposable
{
    private const int PageLength = 100;

    /// <summary>A registry that never ends does not keep us for ever.</summary>
    private const int MostPages = 10_000;

    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly Stream? stream;
    private readonly string what;
    private readonly Uri? registry;

    private CatalogueSourceFile(Stream? stream, Uri? registry, string what) => (this.stream, this.registry, this.what) = (stream, registry, what);

    /// <summary>How much of it has been read, from 0 to 1; null where its length is not known.</summary>
    public double? Share => stream is { CanSeek: true, Length: > 0 } ? (double)stream.Position / stream.Length : null;

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
        Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.IsLoopback)
            ? new CatalogueSourceFile(null, address, $"the registry {url}")
            : throw new CommandFault(ExitCode.Usage, $"callgate: `{url}` is no address of a registry; write it as https://HOST");

    public IAsyncEnumerable<JsonElement> ValuesAsync(CancellationToken ct) => registry is not null ? PagesAsync(ct) : InFileAsync(ct);

    public ValueTask DisposeAsync() => stream?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A list is taken item by item; anything else value by value, which covers one document and JSON lines.</summary>
    private async IAsyncEnumerable<JsonElement> InFileAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var buffered = new BufferedStream(stream!, 64 * 1024);
        var (head, isList) = await BeginAsync(buffered, ct);
        var values = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(head, topLevelValues: !isList, Strict, ct).GetAsyncEnumerator(ct);
        await using (values.ConfigureAwait(false))
        {
            for (var number = 1; ; number++)
            {
                try
                {
                    if (!await values.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (JsonException fault)
                {
                    throw new CommandFault(ExitCode.Failed, $"callgate: {what} is not JSON at value {number} (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}); what stood before it is taken in");
                }

                yield return values.Current;
            }
        }
    }

    /// <summary>Looks at the first byte that is no white space, and gives it back.</summary>
    private static async ValueTask<(Stream Whole, bool IsList)> BeginAsync(Stream from, CancellationToken ct)
    {
        var first = new byte[1];
        while (await from.ReadAsync(first, ct) == 1)
        {
            if (first[0] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return (new Rejoined(first[0], from), first[0] == (byte)'[');
            }
        }

        return (Stream.Null, false);
    }

    private async IAsyncEnumerable<JsonElement> PagesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = registry, Timeout = TimeSpan.FromMinutes(1) };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.UserAgent.ParseAdd("callgate-cli");
        string? cursor = null;
        for (var page = 0; page < MostPages; page++)
        {
            var value = await PageAsync(http, cursor, ct);
            yield return value;
            var next = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("nextCursor", out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
            if (next is not { Length: > 0 } || next == cursor)
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
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: {what} does not answer as a registry does ({exception.Message.TrimEnd('.')}); what came before it is taken in");
        }
    }

    /// <summary>A stream with one byte put back before it.</summary>
    private sealed class Rejoined(byte first, Stream rest) : Stream
    {
        private bool isGiven;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("it is read without blocking");

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (isGiven || buffer.IsEmpty)
            {
                return await rest.ReadAsync(buffer, cancellationToken);
            }

            isGiven = true;
            buffer.Span[0] = first;
            return 1;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
