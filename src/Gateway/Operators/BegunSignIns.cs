using System.Buffers.Text;
using System.Security.Cryptography;

namespace Callgate.Gateway.Operators;

/// <summary>Somebody whose password was right, and whose code is still asked for.</summary>
/// <param name="Stamp">The operator's stamp at that time.</param>
/// <param name="Enrolment">What is set up first, where everybody has to have a second factor; null for who has one.</param>
internal sealed record BegunSignIn(string Operator, string Stamp, SessionKind Kind, DateTimeOffset Until, Enrolment? Enrolment);

/// <summary>Sign-ins between password and code, in memory alone: after a restart people begin again.</summary>
internal sealed class BegunSignIns(TimeProvider time)
{
    private const int Most = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, BegunSignIn> begun = new(StringComparer.Ordinal);

    /// <summary>Its token, which stands in the form that asks for the code.</summary>
    public string Add(Operator person, SessionKind kind, Enrolment? enrolment)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var (over, _) in begun.Where(pair => now >= pair.Value.Until).ToList())
            {
                begun.Remove(over);
            }

            if (begun.Count >= Most)
            {
                begun.Remove(begun.MinBy(static pair => pair.Value.Until).Key);
            }

            begun[token] = new BegunSignIn(person.Name, person.Stamp, kind, now + Patience, enrolment);
        }

        return token;
    }

    /// <summary>Null when there is none, or its time is over.</summary>
    public BegunSignIn? Find(string token)
    {
        lock (gate)
        {
            return begun.GetValueOrDefault(token) is { } found && time.GetUtcNow() < found.Until ? found : null;
        }
    }

    public void Remove(string token)
    {
        lock (gate)
        {
            begun.Remove(token);
        }
    }
}
