using System.Diagnostics;
using System.Text.Json;
using Microsoft.CodeAnalysis.CSharp;

namespace Percpu.Unit.Support;

/// <summary>Programs of C# text in processes of their own.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Compiles a program, optimised, runs it in an empty folder, and returns what it wrote. Fails unless it ends with 0.</summary>
    internal static string Run(string text, params (string Name, string Value)[] environment)
    {
        using var folder = new TempFolder();
        string program = folder.At("Program.dll");
        CSharpCompilation compilation = Snippets.Compile(text, Microsoft.CodeAnalysis.OutputKind.ConsoleApplication, "Program");
        var emitted = compilation.Emit(program, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        foreach (string library in (string[])[typeof(PercpuRef).Assembly.Location, typeof(Pagemap.PagemapTable).Assembly.Location, typeof(Interleavings.AtomicLong).Assembly.Location])
            File.Copy(library, folder.At(Path.GetFileName(library)));
        File.WriteAllText(folder.At("Program.runtimeconfig.json"), JsonSerializer.Serialize(new
        {
            runtimeOptions = new { framework = new { name = "Microsoft.NETCore.App", version = Environment.Version.ToString() } },
        }));

        // The host that belongs to the runtime of this process: .../shared/Microsoft.NETCore.App/10.0.0/
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string host = Path.GetFullPath(Path.Combine(runtime, "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo(host, ["exec", program])
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        // The tool of mutants asks for whom a program runs: see coyote-tests/Mutants.
        start.Environment["PERCPU_MUTANTS_REACH_CLASS"] = TestContext.Current.TestClass?.TestClassName;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail("The program has not ended in a minute.");
        }
        string errors = error.GetAwaiter().GetResult(), written = output.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"Exit code {process.ExitCode}.\n{written}\n{errors}");
        return written;
    }
}
