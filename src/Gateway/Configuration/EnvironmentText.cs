using System.Text;

namespace Callgate.Gateway.Configuration;

/// <summary><c>${NAME}</c> in values becomes the variable's text, once: what a variable holds is not expanded again. <c>$${</c> stands for <c>${</c>.</summary>
internal sealed class EnvironmentText(Func<string, string?> variable)
{
    public (string Text, bool Substituted) Expand(string text, Action<string> report)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return (text, false);
        }

        var output = new StringBuilder(text.Length);
        var substituted = false;
        var at = 0;
        while (at < text.Length)
        {
            if (text.AsSpan(at).StartsWith("$${", StringComparison.Ordinal))
            {
                output.Append("${");
                at += 3;
            }
            else if (text.AsSpan(at).StartsWith("${", StringComparison.Ordinal))
            {
                at = One(text, at, output, report);
                substituted = true;
            }
            else
            {
                output.Append(text[at++]);
            }
        }

        return (output.ToString(), substituted);
    }

    private int One(string text, int at, StringBuilder output, Action<string> report)
    {
        var end = text.IndexOf('}', at);
        var name = end < 0 ? string.Empty : text[(at + 2)..end];
        if (!IsName(name))
        {
            report("`${` must be followed by the name of an environment variable and `}`; write `$${` for the characters themselves");
            return text.Length;
        }

        if (variable(name) is { } value)
        {
            output.Append(value);
        }
        else
        {
            report($"the environment variable `{name}` is not set");
        }

        return end + 1;
    }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
