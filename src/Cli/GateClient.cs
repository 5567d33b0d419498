using System.Net.Http.Headers;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary>Speaks <c>/api/v1</c>. What the gate refuses becomes the command's failure, in the gate's own words.</summary>
internal sealed class GateClient : IDisposable
{
    private readonly HttpClient http;
    private readonly string address;

    public GateClient(string address, string token)
        : this(address, new AuthenticationHeaderValue("Bearer", token))
    {
    }

    public GateClient(string address, AuthenticationHeaderValue credential)
    {
        this.address = address;
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new CommandFault(ExitCode.Usage, $"callgate: `{address}` is no address; write it as http://HOST:PORT");
        }

        // A redirect would carry the credential to another address.
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = credential;
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.UserAgent.ParseAdd("callgate-cli");
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Get, path, null, ct);

    public Task<JsonElement> DeleteAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Delete, path, null, ct);

    public Task<JsonElement> PostAsync(string path, object? body, CancellationToken ct) => SendAsync(HttpMethod.Post, path, body, ct);

    public Task<JsonElement> PutAsync(string path, object? body, CancellationToken ct) => SendAsync(HttpMethod.Put, path, body, ct);

    /// <summary>Copies what the gate streams; it may take as long as it takes.</summary>
    public async Task DownloadAsync(string path, Stream output, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/" + path);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!response.IsSuccessStatusCode)
            {
                throw Refused((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(ct));
            }

            await response.Content.CopyToAsync(output, ct);
        }
        catch (Exception exception) when (exception is HttpRequestException or HttpIOException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: the gate at {address} did not answer to the end; what was written is not whole");
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, "api/v1/" + path);
        if (body is not null)
        {
            var bytes = body as byte[] ?? JsonSerializer.SerializeToUtf8Bytes(body);
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await http.SendAsync(request, ct);
            var text = await response.Content.ReadAsByteArrayAsync(ct);
            return response.IsSuccessStatusCode ? JsonElement.Parse(text) : throw Refused((int)response.StatusCode, text);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: no gate answers at {address} ({exception.HttpRequestError}); start it with `callgate serve`, or name another with --url or --data");
        }
        catch (JsonException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: what answers at {address} is no callgate");
        }
    }

    private static CommandFault Refused(int status, byte[] text)
    {
        var error = JsonElement.Parse(text).GetProperty("error");
        var lines = new List<string> { $"callgate: {Printer.Plain(Printer.Text(error, "message"))}" };
        foreach (var detail in error.GetProperty("details").EnumerateArray())
        {
            lines.Add(detail.ValueKind == JsonValueKind.String ? $"  {Printer.Plain(detail.GetString()!)}" : "  " + Diagnostics.Line(detail));
        }

        return new CommandFault(ExitCode.Failed, status == 401 ? [lines[0]] : lines) { Refusal = Printer.Text(error, "code") };
    }
}
