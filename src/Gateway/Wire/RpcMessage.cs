using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Wire;

/// <summary>What a JSON-RPC message is, decided by its members alone.</summary>
public enum RpcKind
{
    /// <summary>Has <c>method</c> and <c>id</c>.</summary>
    Request,

    /// <summary>Has <c>method</c> and no <c>id</c>.</summary>
    Notification,

    /// <summary>Has <c>result</c> or <c>error</c>, and <c>id</c>.</summary>
    Response,
}

/// <summary>One JSON-RPC message that passed <see cref="StrictJson"/>: there is one way to read it.</summary>
public sealed class RpcMessage
{
    internal RpcMessage(RpcKind kind, JsonElement root, JsonElement id, string? method, JsonElement parameters)
    {
        Kind = kind;
        Root = root;
        IdElement = id;
        Method = method;
        Params = parameters;
    }

    public RpcKind Kind { get; }

    /// <summary>The whole message. Its document is not pooled, so it may be kept.</summary>
    public JsonElement Root { get; }

    /// <summary>Its size in bytes, as it was received.</summary>
    public int Length => JsonMarshal.GetRawUtf8Value(Root).Length;

    /// <summary>The <c>params</c> object; <see cref="JsonValueKind.Undefined"/> where there is none.</summary>
    public JsonElement Params { get; }

    /// <summary>The method; null for a response.</summary>
    public string? Method { get; }

    private JsonElement IdElement { get; }

    /// <summary>The id as it was written (<c>7</c>, <c>"a"</c>), so that it goes back byte-equal; empty where there is none.</summary>
    public ReadOnlyMemory<byte> RawId => IdElement.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(IdElement).ToArray();

    /// <summary>The id in plain spelling: the same text for the same id, however its string was escaped.</summary>
    public string IdKey => IdElement.ValueKind == JsonValueKind.Undefined ? "" : KeyOf(IdElement);

    /// <summary>True when the id is this very integer: the form in which we hand out ids ourselves.</summary>
    public bool HasId(long id) =>
        IdElement.ValueKind == JsonValueKind.Number && IdElement.TryGetInt64(out var own) && own == id;

    /// <summary>The id as an integer, where it is one.</summary>
    public bool TryGetIntegerId(out long id)
    {
        id = 0;
        return IdElement.ValueKind == JsonValueKind.Number && IdElement.TryGetInt64(out id);
    }

    /// <summary>An id that a message names in its params, spelled as <see cref="IdKey"/> spells it.</summary>
    public static string KeyOf(JsonElement id) => Encoding.UTF8.GetString(Reemit.Bytes(id).Span);

    public bool IsError => Kind == RpcKind.Response && Root.TryGetProperty("error"u8, out _);
}
