using Callgate.Gateway.Admin;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway;

/// <summary>Runs one gate: reads and checks everything, opens what it needs, listens, and drains when told to stop.</summary>
public static class GatewayHost
{
    /// <summary>Where the running gate's administration answers; written at start, for commands on the same machine.</summary>
    public const string AddressFile = "gate.address";

    private const int ConfigurationError = 2;

    /// <summary>0 after a drained stop, 2 on a configuration error, 1 when what lies in the data folder cannot be used.</summary>
    public static async Task<int> RunAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        var load = options.ConfigFile is { } file ? ConfigurationFile.Load(file, options.Environment) : null;
        var settings = load?.Configuration ?? DeclaredConfiguration.Empty;
        var (listeners, faults) = Listeners.Of(options, settings);
        var errors = (load?.Errors.Select(static error => error.ToString()) ?? []).Concat(faults).ToList();
        if (options.StrictRuntime && RuntimeFloor.Fault(System.Environment.Version) is { } old)
        {
            errors.Add(old);
        }

        if (errors.Count > 0)
        {
            return Refuse(options, errors);
        }

        if (settings.Listen.InlineCompletions)
        {
            // Read once, when the first socket is made; nothing has made one yet.
            System.Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        }

        var app = Build(options, listeners!, settings);
        await using (app.ConfigureAwait(false))
        {
            try
            {
                var logs = app.Services.GetRequiredService<ILoggerFactory>();
                var gate = await Composition.OpenAsync(options, load, logs).ConfigureAwait(false);
                await using (gate.ConfigureAwait(false))
                {
                    var clashes = await gate.Configurator.StartAsync(cancellationToken).ConfigureAwait(false);
                    return clashes.IsEmpty
                        ? await ServeAsync(app, gate, options, cancellationToken).ConfigureAwait(false)
                        : Refuse(options, clashes.Select(static error => error.ToString()));
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Told to stop before it listened: nothing has begun, so nothing is to be drained.
                return 0;
            }
            catch (Exception exception) when (exception is StoreException or JournalDamagedException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                await options.Error.WriteLineAsync($"callgate: {exception.Message.TrimEnd('.')}").ConfigureAwait(false);
                return 1;
            }
        }
    }

    private static int Refuse(GatewayOptions options, IEnumerable<string> errors)
    {
        foreach (var error in errors)
        {
            options.Error.WriteLine(error);
        }

        return ConfigurationError;
    }

    private static WebApplication Build(GatewayOptions options, Listeners listeners, DeclaredConfiguration settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => listeners.Configure(kestrel, settings.Listen))
            .UseSockets(sockets => sockets.UnsafePreferInlineScheduling = settings.Listen.InlineCompletions);
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        // Stdout belongs to the contract (`callgate listening on …`); the log goes to stderr.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)
            // What keeps the host from starting is thrown as well, and told in one line.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            // It would begin an activity and a log scope for every call, for lines below the level that is shown.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Services.AddRoutingCore();
        builder.Services.AddAdmin();
        builder.Services.AddSingleton(options.Time);
        return builder.Build();
    }

    private static async Task<int> ServeAsync(WebApplication app, Composition gate, GatewayOptions options, CancellationToken cancellationToken)
    {
        Routes.Map(app, gate);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        var administration = addresses[^1];
        PrivateFile.Replace(Path.Combine(options.DataDirectory, AddressFile), System.Text.Encoding.UTF8.GetBytes(administration + "\n"));
        gate.ApprovalPages.Listening = new Uri(administration);
        gate.Registry.Listening = new Uri(addresses[0]);
        gate.Meet();
        await options.Out.WriteLineAsync($"callgate listening on {addresses[0]}").ConfigureAwait(false);
        if (gate.Admin.Invitations.Offer() is { } secret)
        {
            // Here and nowhere else: a log is kept, and read by others.
            await options.Out.WriteLineAsync($"nobody can sign in yet; make the first operator at {gate.ApprovalPages.At(Invitations.PathOf(secret))} within {Invitation.Life.TotalHours:0} hours").ConfigureAwait(false);
        }

        await options.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await ToldToStopAsync(app, cancellationToken).ConfigureAwait(false);

        // It goes on listening meanwhile: whoever balances load must be able to read on /readyz that it ends.
        await gate.Draining.RunAsync().ConfigureAwait(false);
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        File.Delete(Path.Combine(options.DataDirectory, AddressFile));
        return 0;
    }

    private static async Task ToldToStopAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var caller = cancellationToken.Register(() => told.TrySetResult());
        using var host = app.Lifetime.ApplicationStopping.Register(() => told.TrySetResult());
        await told.Task.ConfigureAwait(false);
    }
}
