using System.Text;

namespace Callgate.Gateway.Endpoints;

/// <summary>
/// How a `Content-Length` is read: digits alone are a length (RFC 9110, 8.6). The server would take a sign or a blank with them,
/// which another reader of the same bytes need not do, and the end of the request would be in two places.
/// </summary>
public sealed class PlainLength : Encoding
{
    /// <summary>No number can be read with it.</summary>
    private const char NoDigit = 'x';

    public static PlainLength Instance { get; } = new();

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        // The server gives room for one digit more than any length has, and refuses what fills it.
        var most = Math.Min(bytes.Length, chars.Length);
        for (var i = 0; i < most; i++)
        {
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : NoDigit;
        }

        return most;
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetMaxCharCount(int byteCount) => byteCount;

    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetMaxByteCount(int charCount) => charCount;
}
