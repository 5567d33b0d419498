using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>An absolute POSIX path with <c>.</c> and <c>..</c> resolved (policy language, <c>path_within</c>).</summary>
internal sealed record PosixPath(ImmutableArray<string> Parts)
{
    /// <summary>Null for what could lead elsewhere than it reads: relative, above the root, NUL, backslash, <c>%</c> with two hex digits.</summary>
    public static PosixPath? Parse(string text)
    {
        if (!text.StartsWith('/') || text.AsSpan().ContainsAny('\0', '\\') || HoldsEscape(text))
        {
            return null;
        }

        var parts = ImmutableArray.CreateBuilder<string>();
        foreach (var part in text.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return new PosixPath(parts.ToImmutable());
    }

    /// <summary>The folder itself is inside.</summary>
    public bool IsWithin(PosixPath folder) =>
        Parts.Length >= folder.Parts.Length && Parts.AsSpan(0, folder.Parts.Length).SequenceEqual(folder.Parts.AsSpan());

    private static bool HoldsEscape(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0 && at + 2 < text.Length; at = text.IndexOf('%', at + 1))
        {
            if (char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
            {
                return true;
            }
        }

        return false;
    }
}
