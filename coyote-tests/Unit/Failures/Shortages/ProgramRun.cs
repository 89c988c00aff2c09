using Percpu.Unit.Support;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Runs a program that has what it needs, or lacks one thing, and says what it left behind.</summary>
public static class ProgramRun
{
    private static readonly Dictionary<string, Action<LastSteps, string>> Programs = new()
    {
        ["stripes"] = StripesProgram.Run,
        ["references"] = ReferencePrograms.Run,
        ["epochs"] = EpochProgram.Run,
        ["files"] = FileProgram.Run,
        ["slabs"] = SlabProgram.Run,
        ["pages"] = PageProgram.Run,
        ["devices"] = DeviceProgram.Run,
        ["media"] = MediaProgram.Run,
        ["media of others"] = OldMediaProgram.Run,
        ["memory of a process"] = ProcessMemoryProgram.Run,
        ["device-private memory"] = PrivateMemoryProgram.Run,
    };

    public static string[] Names => [.. Programs.Keys];

    /// <summary>How often it reaches each point.</summary>
    public static string? Count(string program, int[] reached) =>
        OnThread(() => Run(program, () => { }, () => { })) // What is made once a process is made now.
        ?? OnThread(() => Run(program, () => Shortage.Count(reached), Shortage.Disarm));

    /// <summary>Runs it with one failure. Null if all is well: the failure is told or made up for, and nothing is left.</summary>
    public static string? Fail(string program, int point, int after) => OnThread(() =>
    {
        Balance before = Balance.Take();
        string? told = Run(program, () => Shortage.Arm(point, after), Shortage.Disarm);
        if (told is not null)
            return told;
        Balance left = Balance.Take();
        return left == before ? null : $"before {before}, after {left}";
    });

    /// <summary>Whether an exception says that there was no memory, or that the system refused a call.</summary>
    public static bool IsShortage(Exception exception) => exception switch
    {
        AggregateException all => all.InnerExceptions.All(IsShortage),
        OutOfMemoryException or IOException or Percpu.Pagemap.RemapException => true,
        _ => exception.InnerException is { } inner && IsShortage(inner),
    };

    private static string? Run(string program, Action begin, Action end)
    {
        string folder = Directory.CreateTempSubdirectory("percpu-").FullName;
        var last = new LastSteps();
        try
        {
            using (last)
            {
                begin();
                Programs[program](last, folder);
            }
        }
        catch (Exception exception) when (IsShortage(exception))
        {
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
        finally
        {
            end();
        }
        string? open = OpenFiles.MappingsOf(folder) > 0 ? "a file is still mapped" : OpenFiles.DescriptorsOf(folder) > 0 ? "a file is still open" : null;
        Directory.Delete(folder, recursive: true);
        return last.Wrong ?? open;
    }

    private static string? OnThread(Func<string?> body)
    {
        string? told = "the program did not end within 60 s";
        var thread = new Thread(() =>
        {
            try
            {
                told = body();
            }
            catch (Exception exception)
            {
                told = exception.ToString();
            }
        }) { IsBackground = true };
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(60));
        return told;
    }

    private sealed record Balance(int Blocks, int Reserved, long MappedBytes)
    {
        internal static Balance Take() => new(Shortage.Blocks, Shortage.Reserved, Percpu.Buffers.MappedMemory.TotalMappedBytes);
    }
}
