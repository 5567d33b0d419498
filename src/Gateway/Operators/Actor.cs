using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>Who acts on a route of operators: a person who signed in, or whoever holds the administrator's token.</summary>
public sealed record Actor
{
    /// <summary>What the record calls whoever holds the administrator's token.</summary>
    public const string TokenName = "administrator";

    /// <summary>The session's token; nothing that prints an actor shows it.</summary>
    private readonly byte[] secret = [];

    private Actor(string name, string? identity, Roles roles) => (Name, Identity, Roles) = (name, identity, roles);

    public static Actor Token { get; } = new(TokenName, null, Roles.Administrator) { IsToken = true };

    public string Name { get; }

    /// <summary>The identity of grants that work for this person.</summary>
    public string? Identity { get; }

    public Roles Roles { get; }

    /// <summary>The administrator's token, which is no person: it never approves.</summary>
    public bool IsToken { get; private init; }

    public static Actor SignedIn(Operator signedIn, string sessionToken) =>
        new Actor(signedIn.Name, signedIn.Identity, signedIn.Roles, Encoding.UTF8.GetBytes(sessionToken));

    /// <summary>Somebody who came with a link and has no session yet.</summary>
    public static Actor Invited(string name) => new(name, null, Roles.None);

    /// <summary>Whoever the request was found to come from; null before that.</summary>
    public static Actor? Of(HttpContext context) => context.Features.Get<Actor>();

    /// <summary>True when the person has one of the roles.</summary>
    public bool HasAny(Roles roles) => (Roles & roles) != 0;

    /// <summary>
    /// What a form of a page carries to show that this person, in this session, was offered this action. It is made from the
    /// session's token, so that it needs no key and no store, and ends with the session.
    /// </summary>
    public string TokenFor(string action)
    {
        if (secret.Length == 0)
        {
            throw new InvalidOperationException("the administrator's token has no session, so that no form is made for it");
        }

        return Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes("callgate action\n" + action)));
    }

    /// <summary>Compared in fixed time. What was made for another action or session is not accepted.</summary>
    public bool Accepts(string action, string? presented) =>
        secret.Length > 0 && presented is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(TokenFor(action)), Encoding.UTF8.GetBytes(presented));

    private Actor(string name, string? identity, Roles roles, byte[] secret)
        : this(name, identity, roles) => this.secret = secret;
}
