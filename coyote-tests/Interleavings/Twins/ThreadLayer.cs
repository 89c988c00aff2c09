using System.Diagnostics;

namespace Percpu.Interleavings.Twins;

/// <summary>
/// A program that tests the shipped assemblies on real threads, run for a moment with those of a twin in their place. What
/// also fails with the source as it is says nothing, so that is run first.
/// </summary>
internal abstract class ThreadLayer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ShippedCompiler _compiler;
    private readonly string _folder;
    private readonly string _program;
    private readonly Dictionary<string, Control> _controls = [];

    /// <exception cref="TwinOutdatedException">The program cannot be built.</exception>
    private protected ThreadLayer(SourceTree tree, ShippedCompiler compiler, string project)
    {
        _compiler = compiler;
        string output = Build(tree, project);
        _program = $"PercpuRef.{project}";
        // Beside the original, where it finds what it looks for above it.
        _folder = Path.Combine(Path.GetDirectoryName(output)!, $"twin-{Environment.ProcessId}");
        Directory.CreateDirectory(_folder);
        foreach (string file in Directory.EnumerateFiles(output))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>The column of the matrix.</summary>
    internal abstract string Name { get; }

    internal ThreadOutcome Run(Twin twin)
    {
        if (!_compiler.CanCompile(twin))
            return new ThreadOutcome(ThreadOutcome.NotRun, "", "The twin edits the model, not what ships.");
        string part = PartOf(twin);
        if (!_controls.TryGetValue(part, out Control? control))
            _controls.Add(part, control = RunControl(part));
        if (control.Outcome.Verdict != ThreadOutcome.Passes)
            return new ThreadOutcome(ThreadOutcome.NotRun, part, $"The source as it is fails, too: {control.Outcome.Message}");
        _compiler.Compile(twin, _folder);
        return Run(part, 2 * control.Took + TimeSpan.FromSeconds(5));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Which of its tests are the ones for a twin.</summary>
    private protected abstract string PartOf(Twin twin);

    private protected abstract string[] Arguments(string part);

    /// <summary>What the program made of it.</summary>
    private protected abstract ThreadOutcome Judge(string part, int exitCode, string output);

    /// <summary>The first folder below the project whose source a twin edits.</summary>
    private protected static string FolderOf(Twin twin) => twin.Edits[0].File.Split('/')[2];

    private Control RunControl(string part)
    {
        _compiler.Compile(twin: null, _folder);
        long began = Stopwatch.GetTimestamp();
        return new Control(Run(part, Patience), Stopwatch.GetElapsedTime(began));
    }

    private ThreadOutcome Run(string part, TimeSpan limit)
    {
        (int? exitCode, string output) = Start("dotnet", [Path.Combine(_folder, $"{_program}.dll"), .. Arguments(part)], limit);
        if (exitCode is null)
            return new ThreadOutcome(ThreadOutcome.Caught, part, $"It did not end within {limit.TotalSeconds:F0} seconds, more than twice what the source as it is takes.");
        return exitCode is > 128 or < 0
            ? new ThreadOutcome(ThreadOutcome.Caught, part, $"It crashed with exit code {exitCode}.")
            : Judge(part, exitCode.Value, output);
    }

    private static string Build(SourceTree tree, string project)
    {
        // bin/<configuration>/<framework>, as this program's own.
        string[] parts = AppContext.BaseDirectory.TrimEnd('/', '\\').Split('/', '\\');
        (string configuration, string framework) = (parts[^2], parts[^1]);
        string folder = Path.Combine(tree.Root, "coyote-tests", project);
        (int? exitCode, string output) = Start("dotnet", ["build", folder, "-c", configuration, "-v", "q"], TimeSpan.FromMinutes(5));
        string built = Path.Combine(folder, "bin", configuration, framework);
        return exitCode == 0 && Directory.Exists(built)
            ? built
            : throw new TwinOutdatedException($"{project} could not be built: {output}");
    }

    private static (int? ExitCode, string Output) Start(string program, string[] arguments, TimeSpan limit)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(limit);
        if (!ended)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return (ended ? process.ExitCode : null, output.Result + errors.Result);
    }

    private sealed record Control(ThreadOutcome Outcome, TimeSpan Took);
}
