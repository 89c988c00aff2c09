using System.Diagnostics;
using System.Text.RegularExpressions;
using Percpu.Unit.Support;

namespace Percpu.Unit.Examples;

/// <summary>The program that <c>docs/device-memory.md</c> tells, and the page.</summary>
public sealed partial class DeviceMemoryTests
{
    private const string Page = "docs/device-memory.md";

    [Fact]
    public async Task The_program_runs_and_what_it_wrote_is_there_in_another_run()
    {
        Needs.RangesBackedByFiles();
        string program = Path.Combine(AppContext.BaseDirectory, "DeviceMemory.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2)); // For the example to end.
        Task<string> written = process.StandardOutput.ReadToEndAsync(patience.Token), errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        Assert.True(process.ExitCode == 0, await errors);
        string[] lines = (await written).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, lines.Length);
        Assert.EndsWith("jello", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("2 pages of pmem0", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("away: True; read again: moved, away: False", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("still reads c, unbound: False", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("unbound: True", lines[5], StringComparison.Ordinal);
        Assert.EndsWith("cello", lines[6], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_of_code_of_the_page_is_one_of_the_program()
    {
        string[] program = [.. File.ReadLines(Repository.At("docs/examples/DeviceMemory/Machine.cs")).Select(Bare)];
        string[] shown = [.. Block().Matches(File.ReadAllText(Repository.At(Page)).ReplaceLineEndings("\n")).SelectMany(block => block.Groups[1].Value.Split('\n')).Select(Bare).Where(line => line.Length > 0)];
        Assert.True(shown.Length > 10, "The test has gone blind.");
        Assert.Equal([], shown.Except(program));
    }

    [Fact]
    public void Every_picture_of_the_page_is_there() =>
        Assert.All(Picture().Matches(File.ReadAllText(Repository.At(Page))), picture => Assert.True(File.Exists(Repository.At($"docs/{picture.Groups[1].Value}"))));

    // Without its comment and indentation.
    private static string Bare(string line) => line.Split("; //")[0].Trim().TrimEnd(';');

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"!\[[^\]]*\]\(([^)]+)\)")]
    private static partial Regex Picture();
}
