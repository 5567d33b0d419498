using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Quota;
using Callgate.Policy;

namespace Callgate.Gateway.Audit;

/// <summary>The spelling of charges and times in the journal. What is read back is equal to what was written.</summary>
internal static class JournalCharges
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>A part of a counter's key is never cut: a key that cannot be read back would start a second counter.</summary>
    private const int LongestPart = 1_024;

    /// <summary>Whether the charge comes back from the journal as the same charge.</summary>
    public static bool IsExact(in Charge charge) =>
        IsExact(charge.Key.Policy)
        && IsExact(charge.Key.Counter)
        && IsExact(charge.Key.ScopeId)
        && (charge.Key.Server is null || IsExact(charge.Key.Server));

    public static void Write(Utf8JsonWriter json, IReadOnlyList<Charge> charges)
    {
        json.WriteStartArray();
        for (var i = 0; i < charges.Count; i++)
        {
            Write(json, charges[i]);
        }

        json.WriteEndArray();
    }

    /// <exception cref="JsonException">The value is no list of charges.</exception>
    public static Charge[] Read(JsonElement charges)
    {
        try
        {
            var read = new Charge[charges.GetArrayLength()];
            for (var i = 0; i < read.Length; i++)
            {
                read[i] = ReadOne(charges[i]);
            }

            return read;
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new JsonException("not a list of charges", exception);
        }
    }

    public static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var blank = "0000-00-00T00:00:00.000Z"u8;
        Span<byte> text = stackalloc byte[blank.Length];
        blank.CopyTo(text);
        Digits(text[..4], utc.Year);
        Digits(text[5..7], utc.Month);
        Digits(text[8..10], utc.Day);
        Digits(text[11..13], utc.Hour);
        Digits(text[14..16], utc.Minute);
        Digits(text[17..19], utc.Second);
        Digits(text[20..23], utc.Millisecond);
        json.WriteString(name, text);
    }

    private static void Digits(Span<byte> text, int number)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
    }

    public static DateTimeOffset ReadTime(JsonElement time) =>
        DateTimeOffset.ParseExact(time.GetString() ?? "", TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static bool IsExact(string part)
    {
        if (part.Length > LongestPart)
        {
            return false;
        }

        for (var i = 0; i < part.Length; i++)
        {
            if (!char.IsSurrogate(part[i]))
            {
                continue;
            }

            if (i + 1 == part.Length || !char.IsSurrogatePair(part[i], part[i + 1]))
            {
                return false;
            }

            i++;
        }

        return true;
    }

    private static void Write(Utf8JsonWriter json, in Charge charge)
    {
        json.WriteStartObject();
        json.WriteString("policy"u8, charge.Key.Policy);
        json.WriteString("counter"u8, charge.Key.Counter);
        json.WriteString("scope"u8, NameOf(charge.Key.Scope));
        json.WriteString("scope_id"u8, charge.Key.ScopeId);
        json.WriteString("server"u8, charge.Key.Server);
        if (NameOf(charge.Key.Window) is { } window)
        {
            json.WriteString("window"u8, window);
        }
        else
        {
            json.WriteNumber("window"u8, charge.Key.Window.Seconds);
        }

        WriteTime(json, "window_start", charge.WindowStart);
        json.WriteNumber("amount"u8, charge.Amount);
        json.WriteEndObject();
    }

    private static Charge ReadOne(JsonElement charge)
    {
        var key = new CounterKey(
            TextOf(charge, "policy"),
            TextOf(charge, "counter"),
            ScopeOf(TextOf(charge, "scope")),
            TextOf(charge, "scope_id"),
            charge.GetProperty("server").GetString(),
            WindowOf(charge.GetProperty("window")));
        return new Charge(key, ReadTime(charge.GetProperty("window_start")), charge.GetProperty("amount").GetDecimal());
    }

    private static string TextOf(JsonElement charge, string name) =>
        charge.GetProperty(name).GetString() ?? throw new FormatException($"`{name}` is null");

    private static string NameOf(LimitScope scope) => scope switch
    {
        LimitScope.Grant => "grant",
        LimitScope.Identity => "identity",
        LimitScope.Session => "session",
        LimitScope.Server => "server",
        LimitScope.Global => "global",
        _ => throw new ArgumentOutOfRangeException(nameof(scope)),
    };

    private static LimitScope ScopeOf(string name) => name switch
    {
        "grant" => LimitScope.Grant,
        "identity" => LimitScope.Identity,
        "session" => LimitScope.Session,
        "server" => LimitScope.Server,
        "global" => LimitScope.Global,
        _ => throw new FormatException($"`{name}` is no scope"),
    };

    private static string? NameOf(LimitWindow window) => window switch
    {
        _ when window == LimitWindow.Second => "second",
        _ when window == LimitWindow.Minute => "minute",
        _ when window == LimitWindow.Hour => "hour",
        _ when window == LimitWindow.Day => "day",
        _ when window == LimitWindow.IsoWeek => "week",
        _ when window == LimitWindow.Month => "month",
        _ => null,
    };

    private static LimitWindow WindowOf(JsonElement window) => window.ValueKind == JsonValueKind.Number
        ? new LimitWindow(window.GetInt64(), false)
        : window.GetString() switch
        {
            "second" => LimitWindow.Second,
            "minute" => LimitWindow.Minute,
            "hour" => LimitWindow.Hour,
            "day" => LimitWindow.Day,
            "week" => LimitWindow.IsoWeek,
            "month" => LimitWindow.Month,
            var name => throw new FormatException($"`{name}` is no window"),
        };
}
