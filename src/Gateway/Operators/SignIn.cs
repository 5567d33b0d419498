using System.Net;
using System.Net.Sockets;
using Callgate.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Checks names, passwords and codes, one at a time, and begins sessions. INVARIANT: a session is begun only after all that the
/// operator has to show. Both ways are recorded, failures at a bounded rate.
/// </summary>
public sealed class SignIn(SnapshotSource snapshots, OperatorSessions sessions, Factors factors, Journal journal, TimeProvider time) : IDisposable
{
    /// <summary>Hashing is costly on purpose: with one at a time guessing leaves the other processors to calls.</summary>
    private const int MostWaiting = 16;

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SignInLocks locks = new(time);
    private readonly BegunSignIns begun = new(time);
    private int waiting;

    /// <param name="code">Of the second factor; null where it is given later, by <see cref="ContinueAsync"/>.</param>
    public async ValueTask<SignInResult> BeginAsync(HttpContext context, string name, string password, SessionKind kind, string? code = null)
    {
        if (await CheckAsync(context, name, password, ActionOf(kind)) is var (person, fault, wait) && person is null)
        {
            return SignInResult.No(fault, wait);
        }

        if (person.FactorSince is not null)
        {
            return code is not null ? await WithCodeAsync(context, person, kind, code) : SignInResult.No(SignInFault.Code) with { Begun = Later(null) };
        }

        if (!snapshots.Current.RequiresSecondFactor)
        {
            return await EnterAsync(context, person, kind, null);
        }

        var enrolment = Enrolment.New(person);
        return SignInResult.No(SignInFault.Enrol) with { Begun = Later(enrolment), Enrolment = enrolment };

        // A command asks again with everything.
        string? Later(Enrolment? first) => kind == SessionKind.Page ? begun.Add(person, kind, first) : null;
    }

    /// <summary>The code for a sign-in that was begun, or the first code of a device that is set up with it.</summary>
    public async ValueTask<SignInResult> ContinueAsync(HttpContext context, string token, string code)
    {
        if (begun.Find(token) is not { } waits || snapshots.Current.Operators.GetValueOrDefault(waits.Operator) is not { } person || person.Stamp != waits.Stamp)
        {
            return SignInResult.No(SignInFault.Ended);
        }

        var result = waits.Enrolment is { } enrolment ? await EnrolAsync(context, person, (waits.Kind, enrolment), code) : await WithCodeAsync(context, person, waits.Kind, code);
        if (result.Token is null)
        {
            return result with { Begun = token, Enrolment = waits.Enrolment };
        }

        begun.Remove(token);
        return result;
    }

    /// <summary>
    /// The operator whose password this is. A wrong one counts as a failed sign-in; a right one alone forgives none where a code
    /// is asked for beside it, or codes could be guessed without end.
    /// </summary>
    public ValueTask<(Operator? Person, SignInFault Fault, TimeSpan Wait)> CheckAsync(HttpContext context, string name, string password, OperatorAction action) =>
        InTurnAsync(context, (null, SignInFault.Wait, TimeSpan.FromSeconds(5)), () => CheckInTurnAsync(context, name, password, action));

    /// <summary>Whether this is who the session says: the password, and the code where there is a second factor. Null when it is.</summary>
    public async ValueTask<(SignInFault? Fault, TimeSpan Wait)> ProveAsync(HttpContext context, string name, string password, string? code, OperatorAction action)
    {
        var (person, fault, wait) = await CheckAsync(context, name, password, action);
        if (person?.FactorSince is null)
        {
            return (person is null ? fault : null, wait);
        }

        (_, var wrong, wait) = await CodeAsync(context, person, code ?? "", action);
        return (wrong, wait);
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

    private static OperatorAction ActionOf(SessionKind kind) => new("sign-in", Detail: kind == SessionKind.Page ? "page" : "command line");

    private async ValueTask<T> InTurnAsync<T>(HttpContext context, T busy, Func<ValueTask<T>> check)
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return busy;
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
            return await check();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Records the sign-in and begins the session.</summary>
    /// <param name="with">What was shown beside the password; null for nothing.</param>
    private async ValueTask<SignInResult> EnterAsync(HttpContext context, Operator person, SessionKind kind, string? with)
    {
        var action = ActionOf(kind);
        action = with is null ? action : action with { Detail = $"{action.Detail}, {with}" };
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

    private async ValueTask<SignInResult> WithCodeAsync(HttpContext context, Operator person, SessionKind kind, string code)
    {
        var (used, fault, wait) = await CodeAsync(context, person, code, ActionOf(kind));
        return fault is { } wrong ? SignInResult.No(wrong, wait) : await EnterAsync(context, person, kind, used);
    }

    private async ValueTask<SignInResult> EnrolAsync(HttpContext context, Operator person, (SessionKind Kind, Enrolment Enrolment) begunWith, string code)
    {
        if (person.FactorSince is not null)
        {
            return SignInResult.No(SignInFault.Ended);
        }

        context.Features.Set(Actor.Invited(person.Name));
        var (done, codes) = await factors.EnrolAsync(context, begunWith.Enrolment, code);
        return done.Outcome switch
        {
            AdministeredOutcome.Done => await EnterAsync(context, person, begunWith.Kind, "second factor") with { RecoveryCodes = codes },
            AdministeredOutcome.WrongCode => SignInResult.No(SignInFault.WrongCode),
            AdministeredOutcome.NotBegun => SignInResult.No(SignInFault.Ended),
            _ => SignInResult.No(SignInFault.Unavailable),
        };
    }

    /// <summary>What was used, or why nothing was. A wrong code counts as a failed sign-in.</summary>
    private ValueTask<(string? Used, SignInFault? Fault, TimeSpan Wait)> CodeAsync(HttpContext context, Operator person, string code, OperatorAction action) =>
        InTurnAsync<(string?, SignInFault?, TimeSpan)>(context, (null, SignInFault.Wait, TimeSpan.FromSeconds(5)), async () =>
        {
            var address = AddressOf(context);
            if (locks.Left(person.Name, address) is var left && left > TimeSpan.Zero)
            {
                await RefusedAsync(context, action, person.Name, $"locked for {Math.Ceiling(left.TotalSeconds)} s");
                return (null, SignInFault.Wait, left);
            }

            try
            {
                if (await factors.UseAsync(person.Name, code) is { } used)
                {
                    locks.Succeeded(person.Name, address);
                    return (used, null, TimeSpan.Zero);
                }
            }
            catch (Exception exception) when (exception is Storage.StoreException or ObjectDisposedException)
            {
                return (null, SignInFault.Unavailable, TimeSpan.Zero);
            }

            locks.Failed(person.Name, address);
            await RefusedAsync(context, action, person.Name, "wrong code");
            return (null, SignInFault.WrongCode, TimeSpan.Zero);
        });

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

        if (person!.FactorSince is null)
        {
            locks.Succeeded(counted, address);
        }

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
