using System.Text;

namespace Callgate.Gateway.Wire;

/// <summary>
/// Values of mirrored headers (2026-07-28): plain where they are visible ASCII without blanks at the edges, otherwise
/// <c>=?base64?…?=</c> around their UTF-8. Decoding is strict: what does not decode in one way only is no value.
/// </summary>
public static class HeaderText
{
    private const string Open = "=?base64?";
    private const string Close = "?=";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Encode(string value) =>
        IsPlain(value) ? value : Open + Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) + Close;

    /// <summary>The value a header stands for, or null when it is malformed.</summary>
    public static string? Decode(string header)
    {
        if (!header.StartsWith(Open, StringComparison.Ordinal))
        {
            // The marker in another case would be read as a literal here and as an encoding elsewhere.
            return header.StartsWith(Open, StringComparison.OrdinalIgnoreCase) || !IsVisible(header) ? null : header;
        }

        if (!header.EndsWith(Close, StringComparison.Ordinal))
        {
            // Only both ends make the wrapper.
            return IsVisible(header) ? header : null;
        }

        if (header.Length < Open.Length + Close.Length)
        {
            return null;
        }

        var encoded = header[Open.Length..^Close.Length];
        try
        {
            var bytes = Convert.FromBase64String(encoded);
            var canonical = string.Equals(Convert.ToBase64String(bytes), encoded, StringComparison.Ordinal);
            return canonical ? Strict.GetString(bytes) : null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsPlain(string value) =>
        value.Length > 0 && IsVisible(value) && value[0] != ' ' && value[^1] != ' '
        && !(value.StartsWith(Open, StringComparison.OrdinalIgnoreCase));

    private static bool IsVisible(string value)
    {
        foreach (var character in value)
        {
            if (character is < ' ' or > '~')
            {
                return false;
            }
        }

        return true;
    }
}
