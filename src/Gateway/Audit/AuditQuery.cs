using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Audit;

/// <summary>What to look for in the record. Values compare exactly; what is null does not filter.</summary>
public sealed record AuditQuery
{
    public const int MaxLimit = 1000;

    public string? Id { get; init; }

    public string? Grant { get; init; }

    public string? Identity { get; init; }

    public string? Server { get; init; }

    public string? Tool { get; init; }

    public string? Method { get; init; }

    public string? Decision { get; init; }

    public string? Code { get; init; }

    public string? Rule { get; init; }

    public string? Outcome { get; init; }

    /// <summary>The first moment that counts.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The first moment that no longer counts.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Part of a name, code, rule or client, in any case of the letters a to z.</summary>
    public string? Text { get; init; }

    /// <summary>From the page before; null begins.</summary>
    public string? Cursor { get; init; }

    /// <value>100; at most <see cref="MaxLimit"/>.</value>
    public int Limit { get; init; } = 100;

    public bool OldestFirst { get; init; }

    /// <summary>Why this cannot be asked; null when it can.</summary>
    public string? Problem()
    {
        if (Limit is < 1 or > MaxLimit)
        {
            return $"`limit` must be between 1 and {MaxLimit}";
        }

        return Cursor is not null && After() is null ? "`cursor` is not from a page of this order; begin without one" : null;
    }

    /// <summary>The number that the page before ended with; null without a cursor or with one that is not ours.</summary>
    internal long? After()
    {
        if (Cursor is not { Length: <= 64 } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        var plain = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text));
        return plain.StartsWith(OrderMark, StringComparison.Ordinal)
            && long.TryParse(plain.AsSpan(OrderMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? seq
            : null;
    }

    internal string CursorAt(long seq) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{OrderMark}{seq}")));

    private string OrderMark => OldestFirst ? "1o" : "1n";
}
