using System.Text.RegularExpressions;

namespace Callgate.Gateway.Configuration;

/// <summary>The types that YAML 1.2's core schema gives to plain scalars. <c>yes</c> and <c>on</c> are strings there.</summary>
internal static partial class CoreScalar
{
    public static bool IsNull(YamlScalar scalar) => scalar.Plain && (scalar.Value is "" or "~" or "null" or "Null" or "NULL");

    public static bool IsString(YamlScalar scalar) => !scalar.Plain || (!IsNull(scalar) && Boolean(scalar.Value) is null && !Number().IsMatch(scalar.Value));

    public static bool? Boolean(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    public static string KindOf(YamlScalar scalar)
    {
        if (IsString(scalar))
        {
            return "a string";
        }

        if (IsNull(scalar))
        {
            return "nothing";
        }

        return Boolean(scalar.Value) is null ? "a number" : "a boolean";
    }

    [GeneratedRegex(@"^(0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$")]
    private static partial Regex Number();
}
