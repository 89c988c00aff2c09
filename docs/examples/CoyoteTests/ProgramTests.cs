using System.Diagnostics;
using Percpu;
using Percpu.Testing;

namespace CoyoteTests;

/// <summary>Right programs, which hold in every schedule that is tried, and wrong ones, whose faults are found and replayed.</summary>
public sealed class ProgramTests
{
    private const string TraceFolder = "COYOTE_TRACES";

    /// <summary>The names of the right programs.</summary>
    public static TheoryData<string> Right => [.. Programs.Right.Keys];

    /// <summary>The names of the wrong ones.</summary>
    public static TheoryData<string> Wrong => [.. Programs.Wrong.Keys];

    [Fact]
    public void The_assembly_over_Coyotes_seam_is_in_place_and_outside_a_test_everything_works()
    {
        Assert.False(PercpuTesting.IsControlled);
        using var reference = new PercpuRef();
        Assert.True(reference.TryGetLive());
        reference.Put();
        reference.Kill();
        Assert.True(reference.WaitForRelease(TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [MemberData(nameof(Right))]
    public void A_right_program_holds(string name) => UnderCoyote.MustHold(Programs.Right[name]);

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_program_is_found(string name) =>
        Assert.Contains(Programs.Wrong[name].Message, UnderCoyote.MustFail(Programs.Wrong[name]).Report, StringComparison.Ordinal);

    [Fact]
    public void A_forgotten_put_is_a_deadlock_that_names_who_holds_what()
    {
        string report = UnderCoyote.MustFail(Programs.Wrong["cache: forgotten put"]).Report;
        Assert.Contains("waits for a release", report, StringComparison.Ordinal);
        Assert.Contains("holds what it took in CoyoteTests.Cache.Read", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_leads_to_the_fault_in_a_new_process()
    {
        string folder = Directory.CreateTempSubdirectory("traces").FullName;
        try
        {
            foreach ((string name, WrongProgram program) in Programs.Wrong)
                await File.WriteAllTextAsync(Path.Combine(folder, name), UnderCoyote.MustFail(program).Trace, TestContext.Current.CancellationToken);
            string method = $"{typeof(ProgramTests).FullName}.{nameof(Replays_the_traces_of_a_folder)}";
            var start = new ProcessStartInfo("dotnet", ["exec", typeof(ProgramTests).Assembly.Location, "-explicit", "only", "-method", method])
            {
                RedirectStandardOutput = true,
                Environment = { [TraceFolder] = folder },
            };
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output);
            Assert.Empty(Directory.GetFiles(folder)); // Each was replayed.
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the test above runs, and people who have a trace: files named as the programs, in the folder that the variable names.</summary>
    [Fact(Explicit = true)]
    public void Replays_the_traces_of_a_folder()
    {
        string? folder = Environment.GetEnvironmentVariable(TraceFolder);
        Assert.False(folder is null, $"Set {TraceFolder} to a folder of traces.");
        foreach (string file in Directory.GetFiles(folder))
        {
            WrongProgram program = Programs.Wrong[Path.GetFileName(file)];
            Assert.Contains(program.Message, UnderCoyote.Replay(program.Run, File.ReadAllText(file)), StringComparison.Ordinal);
            File.Delete(file);
        }
    }
}
