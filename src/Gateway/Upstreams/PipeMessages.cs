using System.Buffers;
using System.Text.Json;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>Messages as they are written to a pipe: our id, and the judged payload as it stands.</summary>
internal static class PipeMessages
{
    public static ReadOnlyMemory<byte> Initialized { get; } = """{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray();

    public static ReadOnlyMemory<byte> Request(long id, JudgedMessage request) => Write(request.Payload.Length, writer =>
    {
        writer.WriteNumber("id"u8, id);
        WriteCall(writer, request);
    });

    public static ReadOnlyMemory<byte> Notification(JudgedMessage notification) =>
        Write(notification.Payload.Length, writer => WriteCall(writer, notification));

    public static ReadOnlyMemory<byte> Answer(JudgedMessage answer) => Write(answer.Payload.Length, writer =>
    {
        writer.WritePropertyName("id"u8);
        writer.WriteRawValue(answer.AnsweredId.Span, skipInputValidation: true);
        writer.WritePropertyName(answer.IsError ? "error"u8 : "result"u8);
        writer.WriteRawValue(answer.Payload.IsEmpty ? "{}"u8 : answer.Payload.Span, skipInputValidation: true);
    });

    /// <summary>The empty result of a <c>ping</c>, which concerns this hop alone.</summary>
    public static ReadOnlyMemory<byte> Pong(ReadOnlyMemory<byte> id) => Write(id.Length, writer =>
    {
        writer.WritePropertyName("id"u8);
        writer.WriteRawValue(id.Span, skipInputValidation: true);
        writer.WriteStartObject("result"u8);
        writer.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Cancelled(long id, string reason) => Write(reason.Length, writer =>
    {
        writer.WriteString("method"u8, "notifications/cancelled"u8);
        writer.WriteStartObject("params"u8);
        writer.WriteNumber("requestId"u8, id);
        writer.WriteString("reason"u8, reason);
        writer.WriteEndObject();
    });

    private static void WriteCall(Utf8JsonWriter writer, JudgedMessage message)
    {
        writer.WriteString("method"u8, message.Method);
        if (!message.Payload.IsEmpty)
        {
            writer.WritePropertyName("params"u8);
            writer.WriteRawValue(message.Payload.Span, skipInputValidation: true);
        }
    }

    private static ReadOnlyMemory<byte> Write(int payload, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(payload + 128);
        using (var writer = Reemit.Writer(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
