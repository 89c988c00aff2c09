using System.Diagnostics;
using System.Text;
using Percpu.Interleavings.Twins;

namespace Percpu.Mutants.Running;

/// <summary>A copy of a built test project, in which the shipped assemblies are changed.</summary>
internal sealed class TestFolder : IDisposable
{
    private const string Failed = " [FAIL]";

    private readonly string _folder;
    private readonly string _program;

    /// <param name="built">Where the tests were built. The copy stands beside it, where tests find what they look for above them.</param>
    /// <param name="project">Its folder in coyote-tests, and the second half of its name.</param>
    /// <param name="name">Tells it from its like.</param>
    internal TestFolder(string built, string project, string name)
    {
        _program = $"PercpuRef.{project}.dll";
        _folder = Path.Combine(Path.GetDirectoryName(built)!, $"mutants-{Environment.ProcessId}-{name}");
        Directory.CreateDirectory(_folder);
        foreach (string file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_folder, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    /// <summary>The assemblies that it has now, if they are not those of the build.</summary>
    internal ShippedImages? Images { get; private set; }

    /// <summary>Puts assemblies in place of those there, unless it is they already.</summary>
    internal void Use(ShippedImages images)
    {
        if (!ReferenceEquals(Images, images))
            images.WriteTo(_folder);
        Images = images;
    }

    /// <summary>Runs tests.</summary>
    /// <param name="filter">Arguments of the test runner that choose them.</param>
    /// <param name="limit">It is ended after that.</param>
    /// <param name="stopAtFailure">Whether it is ended as soon as a test has failed.</param>
    /// <param name="environment">Variables for it.</param>
    internal ThreadRun Run(IEnumerable<string> filter, TimeSpan limit, bool stopAtFailure, params (string Name, string Value)[] environment)
    {
        string[] arguments = [Path.Combine(_folder, _program), .. filter, "-noColor", "-noLogo", "-reporter", "verbose"];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment.Remove(Switch.ActiveVariable);
        // Instrumented code would be slower, and these programs are short.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        using var enough = new ManualResetEventSlim();
        int linesAfterFailure = 0;
        void Take(string? line)
        {
            lock (output)
            {
                if (line is not null)
                    output.Append(line).Append('\n');
                if (linesAfterFailure > 0 || line?.TrimEnd().EndsWith(Failed, StringComparison.Ordinal) == true)
                    linesAfterFailure++;
                // The line behind it tells why.
                if (stopAtFailure && linesAfterFailure == 2)
                    enough.Set();
            }
        }
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => enough.Set();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        enough.Wait(limit);
        bool ended = process.HasExited;
        if (!ended)
            process.Kill(entireProcessTree: true);
        process.WaitForExit(TimeSpan.FromSeconds(60));
        lock (output)
            return new ThreadRun(ended ? process.ExitCode : null, output.ToString(), Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
