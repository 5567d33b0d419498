using System.Text.Json;
using System.Text.Json.Serialization;
using Callgate.Gateway.Storage;

namespace Callgate.Cli;

/// <summary>A session that <c>callgate login</c> began.</summary>
internal sealed record KeptSession(string Name, string Token, DateTimeOffset Expires);

/// <summary>
/// The sessions of this user, one for each gate, in a file that only this user can read. A token is sent to the address it
/// came from and to no other.
/// </summary>
internal static partial class SessionFile
{
    private static string Location => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "callgate", "sessions.json");

    public static KeptSession? Find(string address) => Read().GetValueOrDefault(Key(address));

    public static void Keep(string address, KeptSession session)
    {
        var sessions = Read();
        sessions[Key(address)] = session;
        Write(sessions);
    }

    /// <summary>What was kept for that gate; null when nothing was.</summary>
    public static KeptSession? Forget(string address)
    {
        var sessions = Read();
        if (!sessions.Remove(Key(address), out var session))
        {
            return null;
        }

        Write(sessions);
        return session;
    }

    private static string Key(string address) => address.TrimEnd('/');

    private static Dictionary<string, KeptSession> Read()
    {
        try
        {
            return File.Exists(Location) ? JsonSerializer.Deserialize(File.ReadAllBytes(Location), FileJson.Default.DictionaryStringKeptSession) ?? [] : [];
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{Location}` cannot be read; remove it and sign in again ({exception.Message.TrimEnd('.')})");
        }
    }

    private static void Write(Dictionary<string, KeptSession> sessions)
    {
        try
        {
            var folder = Path.GetDirectoryName(Location)!;
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, PrivateFile.Mode | UnixFileMode.UserExecute);
            }

            PrivateFile.Replace(Location, JsonSerializer.SerializeToUtf8Bytes(sessions, FileJson.Default.DictionaryStringKeptSession));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{Location}` cannot be written: {exception.Message.TrimEnd('.')}");
        }
    }

    [JsonSerializable(typeof(Dictionary<string, KeptSession>))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
    private sealed partial class FileJson : JsonSerializerContext;
}
