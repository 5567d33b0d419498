using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Quota;
using Callgate.Policy;

namespace Callgate.Gateway.Audit;

/// <summary>The spelling of charges and times in the journal. What is read back is equal to what was written.</summary>
internal static class JournalCharges
{
    private const string TickFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.fff'Z'", TickFormat];

    /// <summary>Whether the charge comes back from the journal as the same charge.</summary>
    public static bool IsExact(in Charge charge) =>
        CounterKey.IsExact(charge.Key.Policy)
        && CounterKey.IsExact(charge.Key.Counter)
        && CounterKey.IsExact(charge.Key.ScopeId)
        && (charge.Key.Server is null || CounterKey.IsExact(charge.Key.Server))
        && (charge.Key.Per is null || CounterKey.IsExact(charge.Key.Per));

    /// <summary>One object a charge; charges of one sliding counter that follow each other, the oldest first, share one.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<Charge> charges)
    {
        json.WriteStartArray();
        for (var i = 0; i < charges.Count;)
        {
            i += Write(json, charges, i);
        }

        json.WriteEndArray();
    }

    /// <exception cref="JsonException">The value is no list of charges.</exception>
    public static Charge[] Read(JsonElement charges)
    {
        try
        {
            var read = new List<Charge>(charges.GetArrayLength());
            foreach (var charge in charges.EnumerateArray())
            {
                Read(charge, read);
            }

            return [.. read];
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
        DateTimeOffset.ParseExact(time.GetString() ?? "", TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>A time to the tick: a sliding window begins and ends with its charges, at any of them.</summary>
    public static void WriteExactTime(Utf8JsonWriter json, string name, DateTimeOffset time)
    {
        if (time.UtcTicks % TimeSpan.TicksPerMillisecond == 0)
        {
            WriteTime(json, name, time);
        }
        else
        {
            json.WriteString(name, time.UtcDateTime.ToString(TickFormat, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Writes the charge and those that share its object; says how many.</summary>
    private static int Write(Utf8JsonWriter json, IReadOnlyList<Charge> charges, int first)
    {
        var charge = charges[first];
        var count = 1;
        json.WriteStartObject();
        WriteKey(json, charge.Key);
        if (charge.Key.Kind == CounterKind.Sliding)
        {
            WriteExactTime(json, "at", charge.WindowStart);
            json.WriteNumber("amount"u8, charge.Amount);
            count = WriteFollowing(json, charges, first);
        }
        else
        {
            WriteTime(json, "window_start", charge.WindowStart);
            json.WriteNumber("amount"u8, charge.Amount);
        }

        json.WriteEndObject();
        return count;
    }

    private static void WriteKey(Utf8JsonWriter json, CounterKey key)
    {
        json.WriteString("policy"u8, key.Policy);
        json.WriteString("counter"u8, key.Counter);
        json.WriteString("scope"u8, NameOf(key.Scope));
        json.WriteString("scope_id"u8, key.ScopeId);
        json.WriteString("server"u8, key.Server);
        if (key.Per is { } per)
        {
            json.WriteString("per"u8, per);
        }

        if (key.Shadow)
        {
            json.WriteBoolean("shadow"u8, true);
        }

        if (NameOf(key.Window) is { } window)
        {
            json.WriteString("window"u8, window);
        }
        else
        {
            json.WriteNumber("window"u8, key.Window.Seconds);
        }

        if (key.Kind == CounterKind.Sliding)
        {
            json.WriteBoolean("sliding"u8, true);
        }
    }

    /// <summary>Of each further charge the ticks since the one before and the amount: a window may hold very many.</summary>
    private static int WriteFollowing(Utf8JsonWriter json, IReadOnlyList<Charge> charges, int first)
    {
        var next = first + 1;
        for (; next < charges.Count && charges[next].Key == charges[first].Key && charges[next].WindowStart >= charges[next - 1].WindowStart; next++)
        {
            if (next == first + 1)
            {
                json.WriteStartArray("then"u8);
            }

            json.WriteNumberValue(charges[next].WindowStart.UtcTicks - charges[next - 1].WindowStart.UtcTicks);
            json.WriteNumberValue(charges[next].Amount);
        }

        if (next > first + 1)
        {
            json.WriteEndArray();
        }

        return next - first;
    }

    private static void Read(JsonElement charge, List<Charge> read)
    {
        var isSliding = charge.TryGetProperty("sliding"u8, out var sliding) && sliding.GetBoolean();
        var key = new CounterKey(
            TextOf(charge, "policy"),
            TextOf(charge, "counter"),
            ScopeOf(TextOf(charge, "scope")),
            TextOf(charge, "scope_id"),
            charge.GetProperty("server").GetString(),
            WindowOf(charge.GetProperty("window")))
        {
            Kind = isSliding ? CounterKind.Sliding : CounterKind.Aligned,
            Per = charge.TryGetProperty("per"u8, out _) ? TextOf(charge, "per") : null,
            Shadow = charge.TryGetProperty("shadow"u8, out var shadow) && shadow.GetBoolean(),
        };
        var amount = charge.GetProperty("amount").GetDecimal();
        if (!isSliding)
        {
            read.Add(new Charge(key, ReadTime(charge.GetProperty("window_start")), amount));
            return;
        }

        var at = ReadTime(charge.GetProperty("at"));
        read.Add(new Charge(key, at, amount));
        if (charge.TryGetProperty("then"u8, out var then))
        {
            ReadFollowing(key, at, then, read);
        }
    }

    private static void ReadFollowing(CounterKey key, DateTimeOffset at, JsonElement then, List<Charge> read)
    {
        var numbers = then.EnumerateArray();
        while (numbers.MoveNext())
        {
            at = at.AddTicks(numbers.Current.GetInt64());
            if (!numbers.MoveNext())
            {
                throw new FormatException("a charge has no amount");
            }

            read.Add(new Charge(key, at, numbers.Current.GetDecimal()));
        }
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
