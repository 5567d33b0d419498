namespace Callgate.Attacks.Wire;

/// <summary>The text of an event stream, read as the standard says.</summary>
internal static class SseText
{
    /// <summary>The data of each whole event that has any.</summary>
    public static IEnumerable<string> Data(string stream)
    {
        var lines = stream.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        var data = new List<string>();
        foreach (var line in lines)
        {
            if (line.Length == 0)
            {
                if (data.Count > 0)
                {
                    yield return string.Join('\n', data);
                }

                data.Clear();
            }
            else if (line == "data" || line.StartsWith("data:", StringComparison.Ordinal))
            {
                var value = line.Length > 5 ? line[5..] : "";
                data.Add(value.StartsWith(' ') ? value[1..] : value);
            }
        }
    }
}
