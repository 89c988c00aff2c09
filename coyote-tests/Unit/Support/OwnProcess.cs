using System.Diagnostics;
using System.Text.Json;
using Microsoft.CodeAnalysis;

namespace Percpu.Unit.Support;

/// <summary>Runs programs in processes of their own, each in an empty folder, and returns what they wrote. Fails unless they end with 0.</summary>
internal static class OwnProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Runs a program of <c>coyote-tests/Programs</c>.</summary>
    /// <param name="program">The name of its class.</param>
    /// <param name="arguments">What its method <c>Run</c> takes.</param>
    internal static string Run(string program, params string[] arguments) => RunWith([], program, arguments);

    /// <summary>The same with variables for it.</summary>
    internal static string RunWith((string Name, string Value)[] environment, string program, params string[] arguments)
    {
        using var folder = new TempFolder();
        return Start(folder, [Path.Combine(AppContext.BaseDirectory, "PercpuRef.Programs.dll"), program, .. arguments], environment);
    }

    /// <summary>Compiles a program that a page of the documentation shows, and runs it.</summary>
    internal static string RunText(string text)
    {
        using var folder = new TempFolder();
        string program = folder.At("Program.dll");
        var emitted = Snippets.Compile(text, OutputKind.ConsoleApplication, "Program").Emit(program, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        foreach (string library in (string[])[typeof(PercpuRef).Assembly.Location, typeof(Pagemap.PagemapTable).Assembly.Location])
            File.Copy(library, folder.At(Path.GetFileName(library)));
        File.WriteAllText(folder.At("Program.runtimeconfig.json"), JsonSerializer.Serialize(new
        {
            runtimeOptions = new { framework = new { name = "Microsoft.NETCore.App", version = Environment.Version.ToString() } },
        }));
        return Start(folder, [program], []);
    }

    private static string Start(TempFolder folder, string[] command, (string Name, string Value)[] environment)
    {
        // The host that belongs to the runtime of this process: .../shared/Microsoft.NETCore.App/10.0.0/
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string host = Path.GetFullPath(Path.Combine(runtime, "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo(host, ["exec", .. command])
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
