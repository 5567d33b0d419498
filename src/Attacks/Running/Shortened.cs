namespace Callgate.Attacks.Running;

/// <summary>Texts that may be long and hold anything, in a form that fits a line of a report.</summary>
internal static class Shortened
{
    public static string Of(string text, int most)
    {
        var plain = string.Concat(text.Take(most).Select(static character => character switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            _ when char.IsControl(character) || (character > '\u007e' && !char.IsLetterOrDigit(character)) => $"\\u{(int)character:x4}",
            _ => character.ToString(),
        }));
        return text.Length > most ? $"{plain}… ({text.Length} characters)" : plain;
    }
}
