using Callgate.Gateway.Clients;

namespace Callgate.Cli.Connecting;

internal enum SystemKind
{
    Linux,
    MacOs,
    Windows,
}

/// <summary>A file that may hold servers of a client.</summary>
/// <param name="Folder">The folder of the project it belongs to; null for a file of the user.</param>
internal sealed record ClientFile(McpClient Client, string Path, string? Folder);

/// <summary>Where the files of clients lie: for whom, on which system, and in which folder is worked.</summary>
internal sealed class ClientHome
{
    private readonly string home;
    private readonly string settings;
    private readonly string dotConfig;
    private readonly string project;

    public ClientHome(string home, string project, SystemKind system)
    {
        this.home = home;
        this.project = project;
        dotConfig = system == SystemKind.Windows ? Path.Combine(home, "AppData", "Roaming") : Path.Combine(home, ".config");
        settings = system == SystemKind.MacOs ? Path.Combine(home, "Library", "Application Support") : dotConfig;
    }

    /// <summary>The folder of the user.</summary>
    public string Root => home;

    /// <summary>Without a folder the user's own, on the system that this is.</summary>
    public static ClientHome Of(string? home, string? project)
    {
        var system = OperatingSystem.IsWindows() ? SystemKind.Windows : OperatingSystem.IsMacOS() ? SystemKind.MacOs : SystemKind.Linux;
        var user = home ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return new ClientHome(Path.GetFullPath(user), Path.GetFullPath(project ?? Environment.CurrentDirectory), system);
    }

    /// <summary>The files of a client, those of the user first, each once.</summary>
    public IEnumerable<ClientFile> Files(McpClient client) => client.Places
        .Select(place => new ClientFile(client, Path.GetFullPath(Path.Combine(RootOf(place.Root), place.Path)), place.Root == PlaceRoot.Project ? project : null))
        .DistinctBy(static file => file.Path, StringComparer.Ordinal);

    /// <summary>The path as people write it.</summary>
    public string Shown(string path) => path.StartsWith(home + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? "~" + path[home.Length..] : path;

    private string RootOf(PlaceRoot root) => root switch
    {
        PlaceRoot.Home => home,
        PlaceRoot.Settings => settings,
        PlaceRoot.DotConfig => dotConfig,
        _ => project,
    };
}
