using System.Security.Cryptography;

namespace Callgate.EndToEnd.Tests;

/// <summary>A folder of one test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "callgate-" + RandomNumberGenerator.GetHexString(12, lowercase: true));

    public string File(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
