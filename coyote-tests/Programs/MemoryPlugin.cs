using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Programs;

/// <summary>A plug-in that uses references, epochs, slabs and mapped files on threads of its own.</summary>
public static class MemoryPlugin
{
    public static void Use(string path)
    {
        using var slab = NativeSlab.Allocate(1 << 16);
        using var file = MappedFile.Open(path);
        using var cell = new MappedCell<MappedFile>(MappedFile.Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.Read }));
        using var pool = new SlabPool();
        using var domain = new EpochDomain();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                using MappedPin pin = file.Pin();
                using HeldPin held = slab.Hold();
                using SlabRental block = pool.RentBlock();
                file.Write(8, file.Read<int>(8) + 1);
                using (domain.Enter())
                using (EpochDomain.Shared.Enter())
                    cell.Current!.ReadByte(0);
                domain.Retire(() => { });
                EpochDomain.Shared.Retire(() => { });
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        file.Grow(file.Length + 8192).Dispose();
        domain.Barrier();
        var reference = new PercpuRef(_ => { }, PercpuRefOptions.TrackHolders);
        reference.Get();
        reference.Put();
        reference.KillAndConfirm(_ => { });
        MappedFile.Open(path); // Dropped: its finalizer unmaps and reports it.
        NativeSlab.Allocate(1 << 20);
    }
}
