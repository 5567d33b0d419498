using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Callgate.Fixtures;

/// <summary>A test that can run for long: its size and seed come from the environment, and what it measured is left as a file.</summary>
public sealed class LongRun
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string name;
    private readonly SortedDictionary<string, object> figures = new(StringComparer.Ordinal);

    /// <summary>The seed is that of <c>CALLGATE_SEED</c>, or by chance; it is printed, so that the run can be had again.</summary>
    public LongRun(string name, int? seed = null)
    {
        this.name = name;
        Seed = seed ?? (int)Size("CALLGATE_SEED", RandomNumberGenerator.GetInt32(int.MaxValue));
        this["seed"] = Seed;
        Console.WriteLine($"{name}: seed {Seed}");
    }

    public int Seed { get; }

    /// <summary>A figure of the report.</summary>
    public object this[string figure]
    {
        set => figures[figure] = value;
    }

    /// <summary>A number from the environment, else the full one.</summary>
    public static long Size(string variable, long full) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : full;

    /// <summary>A figure of a run that is not over, saved at once; may come from several lanes.</summary>
    public void Progress(string figure, object value)
    {
        lock (figures)
        {
            this[figure] = value;
            Save();
        }
    }

    /// <summary>Leaves the figures beside the other results of the tests; a run that is cut short leaves those it had so far.</summary>
    public void Save()
    {
        var folder = Directory.CreateDirectory(Path.Combine(RepositoryRoot(), "artifacts", "test-results")).FullName;
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(figures, Indented));
    }

    /// <summary>Saves and prints the figures.</summary>
    public void Write()
    {
        Save();
        Console.WriteLine($"{name}: {string.Join(", ", figures.Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")))}");
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Callgate.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
