using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Percpu.Memory;

namespace Percpu.Unit.Counting;

/// <summary>The mode for platforms without a process-wide fence. It is chosen once at start-up, so it needs a process.</summary>
public sealed class LightFenceTests(ITestOutputHelper output)
{
    private const string Switch = "Percpu.FullLightFence";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_process_wide_fence_is_used_unless_the_switch_says_otherwise()
    {
        bool full = AppContext.TryGetSwitch(Switch, out bool on) && on;
        Assert.Equal(!full, Atomic.HasProcessWideFence);
    }

    [Fact]
    public async Task With_full_light_fences_the_counting_tests_hold_too()
    {
        if (AppContext.TryGetSwitch(Switch, out _))
            return; // This is that process.
        string assembly = typeof(LightFenceTests).Assembly.Location;
        JsonNode configuration = JsonNode.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(assembly, ".runtimeconfig.json"), Token))!;
        JsonNode options = configuration["runtimeOptions"]!;
        (options["configProperties"] ??= new JsonObject())[Switch] = true;
        string changed = Path.Combine(Path.GetTempPath(), $"percpu-{Guid.NewGuid():N}.runtimeconfig.json");
        await File.WriteAllTextAsync(changed, configuration.ToJsonString(), Token);
        try
        {
            (int exitCode, string text) = await RunAsync("exec", "--runtimeconfig", changed, assembly, "-noColor",
                "-class", typeof(LightFenceTests).FullName!, "-class", typeof(StressTests).FullName!,
                "-class", typeof(StoppedThreadTests).FullName!, "-class", typeof(KillTests).FullName!);
            output.WriteLine(text);
            Assert.Equal(0, exitCode);
            Assert.Matches(@"Total: [12]\d, Errors: 0, Failed: 0", text);
        }
        finally
        {
            File.Delete(changed);
        }
    }

    private static async Task<(int ExitCode, string Text)> RunAsync(params string[] arguments)
    {
        // shared/Microsoft.NETCore.App/<version>/ stands beside the host.
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? host + ".exe" : host, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bound.CancelAfter(TimeSpan.FromSeconds(150));
        try
        {
            string text = await process.StandardOutput.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, text);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
