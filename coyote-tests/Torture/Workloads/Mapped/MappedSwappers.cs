using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Mapped;

/// <summary>Opens the next file of a place and lets go of the last one, in every way there is.</summary>
internal sealed class MappedSwappers(Stage stage, MappedWorkload workload)
{
    private static readonly MappedFileOptions ReadOnly = new() { Access = MemoryMappedFileAccess.Read };

    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            int index = member.Random.Below(MappedWorkload.Places);
            MappedPlace next = member.Random.OneIn(16) ? Create(member) : Open(member.Random.Below(PatternFiles.Files));
            MappedPlace old = workload.Exchange(index, next)!;
            member.Trail.Note("swap", index);
            LetGo(member, index, old.File);
            member.Count(Tallied.Swaps);
            stage.Faults.Point(member);
        }
    }

    internal MappedPlace Open(int file)
    {
        MappedFile mapped = MappedFile.Open(workload.Files.PathOf(file), ReadOnly);
        return new MappedPlace(mapped, workload.Files.Pattern(file));
    }

    /// <summary>A new file, written through its mapping.</summary>
    private MappedPlace Create(Member member)
    {
        string path = workload.Files.NewPath();
        byte[] pattern = workload.Files.Pattern(member.Random.Below(PatternFiles.Files));
        MappedFile file = MappedFile.Create(path, PatternFiles.Bytes);
        using (MappedPin pin = file.Pin())
            pattern.CopyTo(pin.Span);
        if (!OperatingSystem.IsWindows())
            File.Delete(path); // Stays readable as long as it is mapped.
        member.Count(Tallied.FilesCreated);
        return new MappedPlace(file, pattern);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // So that a dropped file is not kept by a register of the loop.
    private void LetGo(Member member, int index, MappedFile file)
    {
        Span<long> buffer = stackalloc long[Crew.Rows];
        if (stage.Crew.AwaitReaderAt(index, 200))
            member.Count(Tallied.KillsBesideRunningReaders);
        var watch = new KillWatch(stage.Crew, index, buffer);
        switch (member.Random.Below(16))
        {
            case 0:
                member.Count(Tallied.FilesDropped); // Its finalizer comes when no reader has it in hand any more.
                return;
            case 1:
                file.DisposeAsync().AsTask().Wait();
                member.Count(Tallied.AwaitedDisposes);
                break;
            case 2:
                file.Reference.Kill(); // The same as disposing.
                file.Dispose();
                break;
            case 3:
                file.Dispose();
                file.Dispose();
                break;
            default:
                file.Dispose();
                break;
        }
        watch.End(member);
        if (file.TryPin(out MappedPin late))
        {
            late.Dispose();
            stage.Findings.Violation($"the file of place {index} could be pinned after its disposal", member);
        }
    }
}
