using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>
/// The part of a line that carries the chain: <c>{"seq":N,"prev":"HASH","kind":"KIND"</c>. It is read byte by byte, so
/// that one entry has one spelling.
/// </summary>
internal readonly ref struct JournalLine
{
    public const int HashLength = 64;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>What the very first entry points at.</summary>
    public static ReadOnlySpan<byte> NoHash => "0000000000000000000000000000000000000000000000000000000000000000"u8;

    private static ReadOnlySpan<byte> SeqPrefix => "{\"seq\":"u8;

    private static ReadOnlySpan<byte> PrevPrefix => ",\"prev\":\""u8;

    private static ReadOnlySpan<byte> KindPrefix => "\",\"kind\":\""u8;

    public required long Seq { get; init; }

    public required ReadOnlySpan<byte> Prev { get; init; }

    public required ReadOnlySpan<byte> Kind { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> line, out JournalLine parsed)
    {
        parsed = default;
        if (!Skip(ref line, SeqPrefix) || line.IsEmpty || line[0] is < (byte)'1' or > (byte)'9'
            || !Utf8Parser.TryParse(line, out long seq, out var digits))
        {
            return false;
        }

        line = line[digits..];
        if (!Skip(ref line, PrevPrefix) || line.Length < HashLength)
        {
            return false;
        }

        var prev = line[..HashLength];
        line = line[HashLength..];
        if (prev.IndexOfAnyExcept(HexDigits) >= 0 || !Skip(ref line, KindPrefix))
        {
            return false;
        }

        var end = line.IndexOf((byte)'"');
        if (end <= 0)
        {
            return false;
        }

        parsed = new JournalLine { Seq = seq, Prev = prev, Kind = line[..end] };
        return true;
    }

    /// <summary>Whether the whole line is one JSON object.</summary>
    public static bool IsJson(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes the 64 hex digits of the line's hash; the line comes without its newline.</summary>
    public static void Hash(ReadOnlySpan<byte> line, Span<byte> hex)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line, hash);
        Convert.TryToHexStringLower(hash, hex, out _);
    }

    public static string HashText(ReadOnlySpan<byte> line)
    {
        Span<byte> hex = stackalloc byte[HashLength];
        Hash(line, hex);
        return Encoding.ASCII.GetString(hex);
    }

    private static bool Skip(ref ReadOnlySpan<byte> line, ReadOnlySpan<byte> expected)
    {
        if (!line.StartsWith(expected))
        {
            return false;
        }

        line = line[expected.Length..];
        return true;
    }
}
