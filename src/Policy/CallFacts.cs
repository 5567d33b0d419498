using System.Text.Json;

namespace Callgate.Policy;

/// <summary>What the gateway knows about a tool before any rule is read (policy language, Order of judgement, step 0).</summary>
public enum ToolStanding
{
    /// <summary>Listed by the server and reviewed; the definition is the reviewed one.</summary>
    Reviewed,

    /// <summary>Never listed, or not yet reviewed.</summary>
    Unknown,

    /// <summary>Reviewed, but the server now shows another definition.</summary>
    Drifted,

    /// <summary>The server's list could not be obtained yet.</summary>
    ListUnavailable,

    /// <summary>
    /// Reviewed, the server now shows another definition, and people are asked about each call. Both definitions are judged,
    /// and the stricter answer counts.
    /// </summary>
    DriftedAsked,
}

/// <summary>What kind of thing a tool does. The one stored with its reviewed definition counts (policy language, Which entry applies).</summary>
public enum ToolCategory
{
    /// <summary>Looks at something and changes nothing.</summary>
    Read,

    /// <summary>Changes something that can be changed back.</summary>
    Write,

    /// <summary>Starts or steers something that runs.</summary>
    Execute,

    /// <summary>Ends or removes something for good.</summary>
    Destructive,

    /// <summary>Moves money.</summary>
    Financial,

    /// <summary>None of the others.</summary>
    Other,
}

/// <summary>Categories by their names.</summary>
public static class ToolCategories
{
    /// <summary>The category of exactly that name; null for any other text, and for none.</summary>
    /// <param name="name">As <c>categories</c> of a document spells it.</param>
    public static ToolCategory? Parse(string? name)
    {
        foreach (var category in Enum.GetValues<ToolCategory>())
        {
            if (string.Equals(name, category.ToString(), StringComparison.Ordinal))
            {
                return category;
            }
        }

        return null;
    }
}

/// <summary>Who calls, and through what (policy language, Paths). Null is missing for a rule that asks.</summary>
/// <param name="GrantLabel">The label of the grant.</param>
/// <param name="Identity">The identity behind the grant.</param>
/// <param name="Attributes">What the operator noted about the grant.</param>
/// <param name="Server">The server's name in the gateway.</param>
/// <param name="Client">The name the client gives itself: nobody vouches for it.</param>
public sealed record CallerFacts(string? GrantLabel, string? Identity, IReadOnlyDictionary<string, string>? Attributes, string? Server, string? Client);

/// <summary>What a decision depends on. Given equal facts a policy gives the same decision.</summary>
/// <param name="Tool">The exact name as called.</param>
/// <param name="Standing">What the gateway knows about that tool.</param>
public readonly record struct CallFacts(string Tool, ToolStanding Standing)
{
    /// <summary>The arguments of the call, an object; undefined counts as an empty one. Members are there once each.</summary>
    public JsonElement Arguments { get; init; }

    /// <summary>A valid approval of this very call is presented, so that nobody has to be asked (policy language, Order of judgement, step 5).</summary>
    public bool IsApproved { get; init; }

    /// <summary>The input schema of the reviewed definition; null where none is known, and then arguments are not checked.</summary>
    public InputSchema? Schema { get; init; }

    /// <summary>Null while unreviewed, unclassified or below the classifier's confidence.</summary>
    public ToolCategory? Category { get; init; }

    /// <summary>What the definition that the server shows now says the tool does; read under <see cref="ToolStanding.DriftedAsked"/> alone.</summary>
    public ToolCategory? ShownCategory { get; init; }

    /// <summary>Null makes all of it missing.</summary>
    public CallerFacts? Caller { get; init; }

    /// <summary>The instant of the call, for <c>time.hour</c> and <c>time.weekday</c>.</summary>
    public DateTimeOffset Now { get; init; }
}
