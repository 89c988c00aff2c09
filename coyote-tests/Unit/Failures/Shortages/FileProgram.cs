using System.Buffers;
using Percpu.Buffers;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Mapped files: made, opened, read in every shape, grown and swapped.</summary>
internal static class FileProgram
{
    private const int Length = 100_000;

    internal static void Run(LastSteps last, string folder)
    {
        string path = Path.Combine(folder, "file");
        MappedFile file = last.Add(LastSteps.Do(() => MappedFile.Create(path, Length, new MappedFileOptions { Allocate = true })));
        file.Write(50_000, (byte)7);
        file.Flush();
        file.Flush(4096, 5000);
        _ = file.Advise(MemoryAdvice.WillNeed) | file.Advise(MemoryAdvice.HugePages) | file.Advise(MemoryAdvice.Random, 0, 4096) | file.Prefetch(0, Length);
        Shapes(file);

        string other = Path.Combine(folder, "other");
        File.WriteAllBytes(other, new byte[Length]);
        MappedFile.Open(other).Dispose();
        using (MappedFile read = MappedFile.OpenRead(other))
            _ = read.ReadByte(Length - 1);
        MappedFile first = MappedFile.Open(other, new MappedFileOptions { KeepOpen = true });
        MappedCell<MappedFile> cell;
        try
        {
            cell = last.Add(new MappedCell<MappedFile>(first));
        }
        catch
        {
            first.Dispose();
            throw;
        }
        LastSteps.Do(() => cell.Grow(2 * Length));
        using (MappedPin pin = cell.Pin())
            pin.WriteByte(2 * Length - 1, 9);
        using MappedFile longer = LastSteps.Do(() => file.Grow(3 * Length));
        last.Check(longer.ReadByte(50_000) == 7, "Growing has lost what was written.");
    }

    internal static void Shapes(MappedMemory memory)
    {
        using (HeldPin pin = memory.Hold())
        {
            using HeldPin shared = pin.Share();
            shared.Slice(0, 8).Span[0] = 7;
            foreach (ReadOnlyMemory<byte> part in pin.Sequence(0, 5000))
                _ = part.Length;
        }
        using (MappedStream stream = memory.OpenStream())
        {
            stream.Position = 100;
            stream.Write("abc"u8);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            _ = stream.ReadAsync(new byte[10], 0, 10).Wait(TimeSpan.FromSeconds(30));
            stream.WriteAsync(Array.Empty<byte>(), 0, 0).Wait(TimeSpan.FromSeconds(30));
        }
        using (MappedBufferWriter writer = memory.OpenWriter())
            writer.Write("abc"u8);
        using (MappedMemoryManager owner = memory.Own(0, 100))
        {
            using MemoryHandle handle = owner.Memory.Pin();
            owner.Memory.Span[1] = 8;
        }
        using (MappedPin pin = memory.View(10, 100).Pin())
            _ = pin.ReadByte(0);
        _ = memory.ToString();
        var elsewhere = new Thread(() => memory.Hold().Dispose());
        elsewhere.Start();
        elsewhere.Join();
    }
}
