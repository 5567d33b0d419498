namespace Callgate.Gateway.Catalogue;

/// <summary>Names of servers and tools as parts of an address.</summary>
public static class CataloguePath
{
    /// <summary>The name in a part of a path: a slash in it comes escaped, and the server below leaves that so.</summary>
    public static string NameIn(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
