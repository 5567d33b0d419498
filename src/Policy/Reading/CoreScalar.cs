using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Callgate.Policy.Reading;

/// <summary>The types that the core schema of YAML 1.2 gives to texts without quotes. <c>yes</c>, <c>1_000</c> and dates are strings there.</summary>
internal static partial class CoreScalar
{
    public static NodeKind KindOf(Scalar scalar)
    {
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return NodeKind.String;
        }

        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => NodeKind.Null,
            "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => NodeKind.Boolean,
            _ => Number().IsMatch(scalar.Value) ? NodeKind.Number : NodeKind.String,
        };
    }

    /// <summary>As JSON spells it.</summary>
    public static string TextOf(NodeKind kind, string written) => kind switch
    {
        NodeKind.Null => "null",
        NodeKind.Boolean => written.ToLowerInvariant(),
        _ => written,
    };

    public static bool IsJsonNumber(string written) => JsonForm().IsMatch(written);

    /// <summary>The number in the form that JSON has for it; null where it has none.</summary>
    public static string? JsonNumber(string written)
    {
        if (IsJsonNumber(written))
        {
            return written;
        }

        if (written.StartsWith("0x", StringComparison.Ordinal) || written.StartsWith("0o", StringComparison.Ordinal))
        {
            return FromDigits(written.AsSpan(2), written[1] == 'x' ? 16 : 8);
        }

        // A plus, zeros in front, and a point without a digit on one side.
        var (sign, rest) = written[0] == '-' ? ("-", written[1..]) : ("", written.TrimStart('+'));
        var whole = rest.TrimStart('0');
        whole = whole.Length == 0 || !char.IsAsciiDigit(whole[0]) ? "0" + whole : whole;
        var point = whole.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0 && (point + 1 == whole.Length || !char.IsAsciiDigit(whole[point + 1])))
        {
            whole = whole.Remove(point, 1);
        }

        return IsJsonNumber(sign + whole) ? sign + whole : null;
    }

    private static string? FromDigits(ReadOnlySpan<char> digits, int radix)
    {
        if (digits.Length > 28)
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            value = (value * radix) + Convert.ToInt32(digit.ToString(), 16);
        }

        return value.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonForm();
}
