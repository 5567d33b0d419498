namespace Callgate.Gateway.Wire;

/// <summary>JSON-RPC error codes the gateway itself answers with. Its own lie outside the range that JSON-RPC and MCP reserve.</summary>
public static class RpcError
{
    public const int Parse = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;

    /// <summary>2025-11-25: the person must open a page before the request can be served.</summary>
    public const int UrlElicitationRequired = -32042;

    /// <summary>2026-07-28: a header and the body disagree.</summary>
    public const int HeaderMismatch = -32020;

    /// <summary>2026-07-28: the version is not spoken here.</summary>
    public const int UnsupportedVersion = -32022;

    /// <summary>The session is not known (HTTP 404): the code that servers with sessions answer with.</summary>
    public const int SessionGone = -32001;

    /// <summary>The policy does not open the method.</summary>
    public const int Denied = -33403;

    /// <summary>The upstream cannot be reached or gave no usable answer.</summary>
    public const int Upstream = -33502;

    /// <summary>The gateway cannot record, count or judge right now.</summary>
    public const int Unavailable = -33503;
}
