using System.Diagnostics;

namespace Percpu.Interleavings.Twins;

/// <summary>
/// A program that tests the shipped assemblies on real threads, run for a moment with those of a twin in their place. What
/// also fails with the source as it is says nothing, so that is run first, and once more whenever a twin does not come to an
/// end: the machine may have become slower since.
/// </summary>
internal abstract class ThreadLayer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ShippedCompiler _compiler;
    private readonly string _program;
    private readonly Dictionary<string, ThreadOutcome> _controls = [];

    /// <exception cref="TwinOutdatedException">The program cannot be built.</exception>
    private protected ThreadLayer(SourceTree tree, ShippedCompiler compiler, string project)
    {
        _compiler = compiler;
        string output = Build(tree, project);
        _program = $"PercpuRef.{project}";
        // Beside the original, where it finds what it looks for above it.
        Folder = Path.Combine(Path.GetDirectoryName(output)!, $"twin-{System.Environment.ProcessId}");
        Directory.CreateDirectory(Folder);
        foreach (string file in Directory.EnumerateFiles(output))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>The column of the matrix.</summary>
    internal abstract string Name { get; }

    /// <summary>The program with everything it needs, in a copy that is ours.</summary>
    private protected string Folder { get; }

    /// <summary>Runs the part of the program that is for a twin.</summary>
    /// <param name="twin">The twin.</param>
    /// <param name="images">What ships, with the edits of the twin.</param>
    internal ThreadOutcome Run(Twin twin, ShippedImages images)
    {
        string part = PartOf(twin);
        if (!_controls.TryGetValue(part, out ThreadOutcome? control))
            _controls.Add(part, control = RunControl(part, Patience));
        if (control.Verdict == ThreadOutcome.Caught)
            return new ThreadOutcome(ThreadOutcome.Inconclusive, part, $"The source as it is fails, too: {control.Message}");
        images.WriteTo(Folder);
        TimeSpan limit = 2 * TimeSpan.FromSeconds(control.Seconds) + TimeSpan.FromSeconds(5);
        ThreadRun run = Start(part, limit);
        return run.ExitCode is null && RunControl(part, limit).Verdict == ThreadOutcome.Caught
            ? new ThreadOutcome(ThreadOutcome.Inconclusive, part, $"In {limit.TotalSeconds:F0} seconds the source as it is did not end either.", run.Seconds)
            : Judge(part, run) with { Seconds = run.Seconds };
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Which of its tests are the ones for a twin.</summary>
    private protected abstract string PartOf(Twin twin);

    private protected abstract string[] Arguments(string part);

    private protected virtual (string Name, string Value)[] Environment => [];

    /// <summary>What the program made of it.</summary>
    private protected abstract ThreadOutcome Judge(string part, ThreadRun run);

    /// <summary>The first folder below the project whose source a twin edits.</summary>
    private protected static string FolderOf(Twin twin) => twin.Edits[0].File.Split('/')[2];

    private ThreadOutcome RunControl(string part, TimeSpan limit)
    {
        _compiler.Original.WriteTo(Folder);
        ThreadRun run = Start(part, limit);
        return Judge(part, run) with { Seconds = run.Seconds };
    }

    private ThreadRun Start(string part, TimeSpan limit) =>
        Start("dotnet", [Path.Combine(Folder, $"{_program}.dll"), .. Arguments(part)], limit, Environment);

    private static string Build(SourceTree tree, string project)
    {
        // bin/<configuration>/<framework>, as this program's own.
        string[] parts = AppContext.BaseDirectory.TrimEnd('/', '\\').Split('/', '\\');
        (string configuration, string framework) = (parts[^2], parts[^1]);
        string folder = Path.Combine(tree.Root, "coyote-tests", project);
        ThreadRun build = Start("dotnet", ["build", folder, "-c", configuration, "-v", "q"], TimeSpan.FromMinutes(5));
        string built = Path.Combine(folder, "bin", configuration, framework);
        return build.ExitCode == 0 && Directory.Exists(built)
            ? built
            : throw new TwinOutdatedException($"{project} could not be built: {build.Output}");
    }

    private static ThreadRun Start(string program, string[] arguments, TimeSpan limit, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(limit);
        if (!ended)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return new ThreadRun(ended ? process.ExitCode : null, output.Result + errors.Result, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
