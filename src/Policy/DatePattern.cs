using System.Globalization;

namespace Callgate.Policy;

/// <summary>
/// Comparisons of dates for a language that compares numbers and matches text: digits of a date in its usual form are in the
/// order of time, so that "before a day" is a pattern. By the date as it is written: an offset of time zone is not looked at.
/// </summary>
public static class DatePattern
{
    private const string Form = "yyyy-MM-dd";

    /// <summary>
    /// A pattern of what a rule accepts. For a rule that refuses or asks, it is of the other days, to be used with
    /// <c>not_regex</c>: what is no date at all is then refused or asked about, never let through.
    /// </summary>
    /// <param name="day">As 2026-11-30.</param>
    /// <param name="op"><see cref="ArgumentField.Before"/> or <see cref="ArgumentField.From"/>.</param>
    /// <param name="refuses">The rule refuses or asks when it holds.</param>
    /// <param name="hasTime">A time follows the date.</param>
    /// <returns>Null where <paramref name="day"/> is no day.</returns>
    public static string? Of(string day, string op, bool refuses, bool hasTime)
    {
        if (!DateOnly.TryParseExact(day, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return null;
        }

        var before = op == ArgumentField.Before != refuses;
        var ways = new List<string>();
        for (var i = 0; i < day.Length; i++)
        {
            if (day[i] != '-' && day[i] != (before ? '0' : '9'))
            {
                var digit = before ? $"[0-{(char)(day[i] - 1)}]" : $"[{(char)(day[i] + 1)}-9]";
                ways.Add(day[..i] + digit + string.Concat(day[(i + 1)..].Select(static c => c == '-' ? "-" : "[0-9]")));
            }
        }

        if (!before)
        {
            ways.Add(day);
        }

        return ways.Count == 0 ? null : $"^({string.Join('|', ways)}){(hasTime ? "[Tt ]" : "$")}";
    }
}
