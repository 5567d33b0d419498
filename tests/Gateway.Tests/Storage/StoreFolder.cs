using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Tests.Storage;

/// <summary>A private temporary folder with keys, gone after the test.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-store-");

    public string Root => folder.FullName;

    public string StorePath => At("callgate.db");

    public string At(string name) => Path.Combine(Root, name);

    public Task<SqliteConfigStore> OpenAsync(string name = "callgate.db") => SqliteConfigStore.OpenAsync(At(name), Keyring.Open(Root), TimeProvider.System);

    /// <summary>Lets other accounts read the file or folder, where there are modes.</summary>
    public static void Loosen(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead);
        }
    }

    public void Dispose() => folder.Delete(recursive: true);
}
