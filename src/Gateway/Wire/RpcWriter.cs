using System.Text.Json;

namespace Callgate.Gateway.Wire;

/// <summary>Writes whole JSON-RPC messages: those the gateway answers itself, and relayed ones under the right id.</summary>
public static class RpcWriter
{
    private static readonly byte[] NullId = "null"u8.ToArray();

    /// <summary>A success response of our own.</summary>
    public static ReadOnlyMemory<byte> Result(ReadOnlyMemory<byte> rawId, Action<Utf8JsonWriter> writeResult) => Build(writer =>
    {
        Open(writer, rawId);
        writer.WritePropertyName("result"u8);
        writeResult(writer);
    });

    /// <summary>An error response of our own; without an id it is <c>null</c>, as JSON-RPC asks.</summary>
    public static ReadOnlyMemory<byte> Error(ReadOnlyMemory<byte> rawId, int code, string message, Action<Utf8JsonWriter>? writeErrorData = null) => Build(writer =>
    {
        Open(writer, rawId);
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, code);
        writer.WriteString("message"u8, message);
        if (writeErrorData is not null)
        {
            writer.WritePropertyName("data"u8);
            writeErrorData(writer);
        }

        writer.WriteEndObject();
    });

    /// <summary>A request of our own to a client.</summary>
    public static ReadOnlyMemory<byte> Request(long id, string method, Action<Utf8JsonWriter> writeParams) => Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        Ask(writer, method, writeParams);
    });

    /// <summary>A notification of our own to a client.</summary>
    public static ReadOnlyMemory<byte> Notification(string method, Action<Utf8JsonWriter> writeParams) => Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        Ask(writer, method, writeParams);
    });

    /// <summary>A message of the other side under another id, with edits (paths from the message's root).</summary>
    public static ReadOnlyMemory<byte> Relay(RpcMessage message, ReadOnlyMemory<byte> rawId, params ReadOnlySpan<JsonEdit> edits)
    {
        if (rawId.IsEmpty)
        {
            return Reemit.Bytes(message.Root, edits);
        }

        return Reemit.Bytes(message.Root, [JsonEdit.Replace(rawId, "id"), .. edits]);
    }

    /// <summary>A request, notification or response toward an upstream, around a payload that was written by <see cref="Reemit"/>.</summary>
    public static ReadOnlyMemory<byte> Outgoing(RpcKind kind, string? method, long id, ReadOnlyMemory<byte> answeredId, bool isError, ReadOnlyMemory<byte> payload)
    {
        var scratch = Scratch.Begin();
        var writer = scratch.Json;
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        if (kind == RpcKind.Response)
        {
            writer.WritePropertyName("id"u8);
            writer.WriteRawValue(answeredId.Span, skipInputValidation: true);
            writer.WritePropertyName(isError ? "error"u8 : "result"u8);
            writer.WriteRawValue(payload.Span, skipInputValidation: true);
        }
        else
        {
            if (kind == RpcKind.Request)
            {
                writer.WriteNumber("id"u8, id);
            }

            writer.WriteString("method"u8, method);
            if (!payload.IsEmpty)
            {
                writer.WritePropertyName("params"u8);
                writer.WriteRawValue(payload.Span, skipInputValidation: true);
            }
        }

        writer.WriteEndObject();
        return scratch.End();
    }

    private static void Ask(Utf8JsonWriter writer, string method, Action<Utf8JsonWriter> writeParams)
    {
        writer.WriteString("method"u8, method);
        writer.WritePropertyName("params"u8);
        writeParams(writer);
    }

    private static void Open(Utf8JsonWriter writer, ReadOnlyMemory<byte> rawId)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WritePropertyName("id"u8);
        writer.WriteRawValue(rawId.IsEmpty ? NullId : rawId.Span, skipInputValidation: true);
    }

    private static ReadOnlyMemory<byte> Build(Action<Utf8JsonWriter> writeOpenObject)
    {
        var scratch = Scratch.Begin();
        writeOpenObject(scratch.Json);
        scratch.Json.WriteEndObject();
        return scratch.End();
    }
}
