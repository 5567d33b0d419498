using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Callgate.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>Why somebody was not signed in.</summary>
public enum SignInFault
{
    /// <summary>Name or password is wrong; which of them is not told.</summary>
    Wrong,

    /// <summary>Too many failures for this name or address, or too many attempts at once.</summary>
    Wait,

    /// <summary>The journal or the store does not take it. No record, no session.</summary>
    Unavailable,
}

/// <summary>A session with its token, or why there is none.</summary>
/// <param name="Wait">How long to wait before the next attempt.</param>
public sealed record SignInResult(string? Token, OperatorSession? Session, SignInFault? Fault, TimeSpan Wait)
{
    /// <summary>What people are told; the same for a name that is unknown.</summary>
    public string Message => Fault switch
    {
        SignInFault.Wrong => "the name or the password is wrong",
        SignInFault.Wait => string.Create(CultureInfo.InvariantCulture, $"too many attempts; try again in {Math.Max(1, Math.Ceiling(Wait.TotalSeconds))} seconds"),
        SignInFault.Unavailable => "the gate cannot record this sign-in, so nobody was signed in; look into its log",
        _ => "signed in",
    };

    internal static SignInResult No(SignInFault fault, TimeSpan wait = default) => new(null, null, fault, wait);
}

/// <summary>Checks names and passwords, one at a time, and begins sessions. Both ways are recorded, failures at a bounded rate.</summary>
public sealed class SignIn(SnapshotSource snapshots, OperatorSessions sessions, Journal journal, TimeProvider time) : IDisposable
{
    /// <summary>Hashing is costly on purpose: with one at a time guessing leaves the other processors to calls.</summary>
    private const int MostWaiting = 16;

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SignInLocks locks = new(time);
    private int waiting;

    public async ValueTask<SignInResult> BeginAsync(HttpContext context, string name, string password, SessionKind kind)
    {
        var action = new OperatorAction("sign-in", Detail: kind == SessionKind.Page ? "page" : "command line");
        if (await CheckAsync(context, name, password, action) is var (person, fault, wait) && person is null)
        {
            return SignInResult.No(fault, wait);
        }

        var record = action.Record(context, person.Name, "allow", time.GetUtcNow()) with { Outcome = "answered" };
        if (!(await journal.AppendAsync(record, Durability.Process, context.RequestAborted)).Written)
        {
            return SignInResult.No(SignInFault.Unavailable);
        }

        try
        {
            var (token, session) = await sessions.BeginAsync(person, kind, AddressOf(context), CancellationToken.None);
            return new SignInResult(token, session, null, TimeSpan.Zero);
        }
        catch (Exception exception) when (exception is Storage.StoreException or ObjectDisposedException)
        {
            return SignInResult.No(SignInFault.Unavailable);
        }
    }

    /// <summary>The operator whose password this is. A wrong one counts as a failed sign-in.</summary>
    public async ValueTask<(Operator? Person, SignInFault Fault, TimeSpan Wait)> CheckAsync(HttpContext context, string name, string password, OperatorAction action)
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return (null, SignInFault.Wait, TimeSpan.FromSeconds(5));
        }

        try
        {
            await turn.WaitAsync(context.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        try
        {
            return await CheckInTurnAsync(context, name, password, action);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Lets a name be tried again at once.</summary>
    public void Unlock(string name) => locks.Lift(name);

    /// <summary>How long whoever asks from there has to wait before another link is looked at; zero when it may be.</summary>
    public TimeSpan WaitAt(HttpContext context) => locks.Left(AddressOf(context));

    /// <summary>Counts a link that does not hold as a failure of its address, and records it at a bounded rate, without the link.</summary>
    public async ValueTask LinkFailedAsync(HttpContext context)
    {
        locks.Failed(AddressOf(context));
        var action = new OperatorAction("link", Detail: $"a link that does not hold, from {AddressOf(context)}");
        await journal.AdmitRefusalAsync(action.Record(context, null, "deny", time.GetUtcNow()) with { Outcome = "refused" });
    }

    /// <summary>
    /// Ends the session of a token, and records that. It ends here even when journal or store are away, since it takes a right
    /// and gives none; false says that it may come back with the next start, until its time is over.
    /// </summary>
    public async ValueTask<bool> EndAsync(HttpContext context, Actor actor, string token)
    {
        var record = new OperatorAction("sign-out").Record(context, actor.Name, "allow", time.GetUtcNow()) with { Outcome = "answered" };
        var written = await journal.AppendAsync(record, Durability.Process, CancellationToken.None);
        return await DropAsync(token) && written.Written;
    }

    /// <summary>Ends the session of a token, if there is one, because another takes its place.</summary>
    public async ValueTask<bool> DropAsync(string token)
    {
        try
        {
            await sessions.EndAsync(token, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is Storage.StoreException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose() => turn.Dispose();

    private async ValueTask<(Operator? Person, SignInFault Fault, TimeSpan Wait)> CheckInTurnAsync(HttpContext context, string name, string password, OperatorAction action)
    {
        // Names that nobody can have share one count.
        var (counted, address) = (Operator.IsName(name) ? name : "?", AddressOf(context));
        if (locks.Left(counted, address) is var left && left > TimeSpan.Zero)
        {
            await RefusedAsync(context, action, counted, $"locked for {Math.Ceiling(left.TotalSeconds)} s");
            return (null, SignInFault.Wait, left);
        }

        var person = snapshots.Current.Operators.GetValueOrDefault(name);
        if (!await Task.Run(() => OperatorPassword.Fits(person, password)))
        {
            locks.Failed(counted, address);
            await RefusedAsync(context, action, counted, "wrong name or password");
            return (null, SignInFault.Wrong, TimeSpan.Zero);
        }

        locks.Succeeded(counted, address);
        return (person, default, TimeSpan.Zero);
    }

    /// <summary>A name that no operator has is not recorded: people type their password there.</summary>
    private async ValueTask RefusedAsync(HttpContext context, OperatorAction action, string name, string why)
    {
        var who = snapshots.Current.Operators.ContainsKey(name) ? name : null;
        var detail = $"{why}, from {AddressOf(context)} ({action.Detail})";
        await journal.AdmitRefusalAsync((action with { Detail = detail }).Record(context, who, "deny", time.GetUtcNow()) with { Outcome = "refused" });
    }

    /// <summary>One customer has 2^64 addresses of IPv6: the network counts.</summary>
    private static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address.ToString();
        }

        var network = address.GetAddressBytes();
        network.AsSpan(8).Clear();
        return new IPAddress(network) + "/64";
    }
}
