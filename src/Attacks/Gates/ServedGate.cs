using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Gates;

/// <summary>This project's gate as a child process in a folder of its own, set up through its administration API.</summary>
public sealed class ServedGate : Gate
{
    private const string Ready = "callgate listening on ";
    private const string Password = "for one run of the attack suite";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly IReadOnlyList<string> command;
    private readonly string folder;
    private readonly string? config;
    private readonly bool onSmallDisk;
    private readonly StringBuilder errors = new();
    private readonly Dictionary<string, string> tokens = new(StringComparer.Ordinal);
    private readonly JournalFiles journal = new();
    private Process process = null!;
    private Uri front = null!;

    private ServedGate(IReadOnlyList<string> command, string folder, string? config, bool onSmallDisk)
    {
        (this.command, this.folder, this.config, this.onSmallDisk) = (command, folder, config, onSmallDisk);
    }

    public override Uri Front => front;

    public override long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The folder of its data, as seen from outside.</summary>
    public string Data => onSmallDisk ? string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/root{Path.Combine(folder, "data")}") : Path.Combine(folder, "data");

    /// <param name="command">How the executable is started: its path, or `dotnet` and the path of its assembly.</param>
    /// <param name="configuration">Sections of the configuration file besides servers, policies and grants.</param>
    /// <param name="onSmallDisk">Whether its data lie on a disk of a few megabytes, which can be filled.</param>
    public static async Task<ServedGate> StartAsync(IReadOnlyList<string> command, string? configuration = null, bool onSmallDisk = false)
    {
        var folder = Directory.CreateTempSubdirectory("callgate-attack-").FullName;
        string? config = null;
        if (configuration is not null)
        {
            config = Path.Combine(folder, "callgate.yaml");
            await File.WriteAllTextAsync(config, configuration);
        }

        Directory.CreateDirectory(Path.Combine(folder, "data"));
        var gate = new ServedGate(command, folder, config, onSmallDisk);
        try
        {
            await gate.LaunchAsync();
            await gate.PeopleAsync();
            return gate;
        }
        catch
        {
            await gate.DisposeAsync();
            throw;
        }
    }

    public override async Task AddServerAsync(string name, JsonObject members)
    {
        var body = (JsonObject)members.DeepClone();
        body["name"] = name;
        await AdminAsync("POST", "servers", body.ToJsonString());
    }

    public override async Task<bool> PutPolicyAsync(string name, string document)
    {
        var answer = await RequestAsync(Api($"policies/{name}"), "PUT", tokens["admin"], document);
        return answer.Status is >= 200 and < 300;
    }

    public override async Task<GrantHandle> AddGrantAsync(string label, IReadOnlyDictionary<string, string?> servers, JsonElement more)
    {
        var body = new JsonObject { ["label"] = label, ["servers"] = JsonSerializer.SerializeToNode(servers) };
        foreach (var member in more.Members())
        {
            body[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }

        var grant = await AdminAsync("POST", "grants", body.ToJsonString());
        return new GrantHandle(grant.Text("id")!, grant.Text("token")!);
    }

    public override Task RevokeAsync(string id) => AdminAsync("DELETE", $"grants/{id}", null);

    public override async Task<IReadOnlyList<JsonElement>> PendingAsync(string server)
    {
        var all = Json.Lenient((await RequestAsync(Api("approvals"), "GET", tokens["approver"], null)).Body);
        var shown = new List<JsonElement>();
        foreach (var one in all.Member("approvals").Items().Where(one => one.Text("server") == server && one.Text("state") == "pending"))
        {
            shown.Add(Json.Lenient((await RequestAsync(Api($"approvals/{one.Text("id")}"), "GET", tokens["approver"], null)).Body));
        }

        return [.. shown.OrderBy(static one => one.Text("id"), StringComparer.Ordinal)];
    }

    public override async Task<bool> ApproveAsync(string id) =>
        (await RequestAsync(Api($"approvals/{id}/approve"), "POST", tokens["approver"], "{}")).Status is >= 200 and < 300;

    public override string TokenOf(string who) => tokens[who];

    public override IReadOnlyList<JsonElement> Record(string server) => journal.Entries(Path.Combine(Data, "journal"), server);

    public override string RecordText() => JournalFiles.Text(Path.Combine(Data, "journal"));

    public override async Task RestartAsync(bool kill)
    {
        await EndAsync(kill);
        await LaunchAsync();
    }

    private async Task EndAsync(bool kill)
    {
        if (kill)
        {
            process.Kill();
        }
        else
        {
            using var signal = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await signal.WaitForExitAsync();
        }

        await process.WaitForExitAsync().WaitAsync(StartLimit);
        process.Dispose();
    }

    public override Task FillDiskAsync(bool full)
    {
        var filler = Path.Combine(Data, "filler");
        if (!full)
        {
            File.Delete(filler);
            return Task.CompletedTask;
        }

        using var file = File.OpenHandle(filler, FileMode.CreateNew, FileAccess.Write);
        var piece = new byte[4096];
        try
        {
            for (var at = 0L; ; at += piece.Length)
            {
                RandomAccess.Write(file, piece, at);
            }
        }
        catch (IOException)
        {
            // That was the last of it.
        }

        return Task.CompletedTask;
    }

    public override string DataFolder => Path.Combine(folder, "data");

    public override async Task<bool> StartsOnDamageAsync()
    {
        await EndAsync(kill: true);
        await File.WriteAllBytesAsync(Path.Combine(Data, "callgate.db"), new byte[8192]);
        foreach (var beside in Directory.GetFiles(Data, "callgate.db-*"))
        {
            File.Delete(beside);
        }

        try
        {
            await LaunchAsync();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public override async Task<string> MetricsAsync() => (await RequestAsync(new Uri(front, "/metrics"), "GET", tokens["admin"], null)).Text;

    public override async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private Uri Api(string path) => new(front, $"/api/v1/{path}");

    private async Task<JsonElement> AdminAsync(string method, string path, string? json)
    {
        var answer = await RequestAsync(Api(path), method, tokens["admin"], json);
        return answer.Status is >= 200 and < 300 ? Json.Lenient(answer.Body) : throw new InvalidOperationException($"{method} {path} of the gate was answered {answer.Status} {answer.Text}");
    }

    /// <summary>People who sign in: one who answers approvals, and one who changes policies too.</summary>
    private async Task PeopleAsync()
    {
        foreach (var (name, roles) in new (string, string[])[] { ("approver", ["approver"]), ("manager", ["approver", "policy_manager"]) })
        {
            await AdminAsync("POST", "operators", new JsonObject { ["name"] = name, ["roles"] = JsonSerializer.SerializeToNode(roles), ["password"] = Password }.ToJsonString());
            var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{Password}"));
            var session = await RequestAsync(Api("session"), "POST", basic, "{}", "Basic");
            tokens[name] = Json.Lenient(session.Body).Text("token") ?? throw new InvalidOperationException($"`{name}` could not sign in: {session.Status} {session.Text}");
        }
    }

    private async Task LaunchAsync()
    {
        string[] serve = [.. command, "serve", "--data", Path.Combine(folder, "data"), "--listen", "http://127.0.0.1:0", .. config is null ? Array.Empty<string>() : ["--config", config]];
        if (onSmallDisk)
        {
            string[] apart = Environment.IsPrivilegedProcess ? ["unshare", "--mount"] : ["unshare", "--mount", "--map-root-user"];
            serve = [.. apart, "sh", "-c", $"mount -t tmpfs -o size=8m,mode=0700 tmpfs '{Path.Combine(folder, "data")}' && exec \"$@\"", "sh", .. serve];
        }

        var start = new ProcessStartInfo(serve[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in serve[1..])
        {
            start.ArgumentList.Add(argument);
        }

        // Canaries: nothing that a client or a child is shown may hold one of these.
        start.Environment["ATTACK_CANARY"] = "canary-of-the-environment";
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process = Process.Start(start) ?? throw new InvalidOperationException($"`{serve[0]}` could not be started");
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(Ready, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult(new Uri(line.Data[Ready.Length..].Trim()));
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                errors.AppendLine(line.Data);
            }
        };
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"the gate ended before it listened: {Errors()}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        front = await ready.Task.WaitAsync(StartLimit);
        tokens["admin"] = (await File.ReadAllTextAsync(Path.Combine(Data, "admin.token"))).Trim();
    }

    private string Errors()
    {
        lock (errors)
        {
            return errors.ToString();
        }
    }
}
