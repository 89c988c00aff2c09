using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Buffers;

/// <summary>Accesses that have seen the limit before a switch of the mode has cleared it, and announce themselves after it: the limit
/// is put back where they look.</summary>
public sealed unsafe class OvertakenAccessTests
{
    private static readonly (string Name, Func<NativeSlab, HeldPin, long> Read)[] Reads =
    [
        ("Read", (slab, _) => slab.Read<long>(8)),
        ("Read with a thread", (slab, _) => slab.Read<long>(PercpuThread.Current, 8)),
        ("TryRead", (slab, _) => slab.TryRead(8, out long value) ? value : -1),
        ("TryReadBytes", (slab, _) => Bytes(bytes => Assert.True(slab.TryReadBytes(8, bytes)))),
        ("ReadBytes", (slab, _) => Bytes(bytes => slab.ReadBytes(8, bytes))),
        ("a pin", (slab, _) => { using MappedPin pin = slab.Pin(); return pin.Read<long>(8); }),
        ("a pin with a thread", (slab, _) => { using MappedPin pin = slab.Pin(PercpuThread.Current); return pin.Read<long>(8); }),
    ];

    private static readonly (string Name, Func<NativeSlab, HeldPin, long> Read)[] HeldReads =
    [
        ("Read", (_, held) => held.Read<long>(8)),
        ("ReadBytes", (_, held) => Bytes(bytes => held.ReadBytes(8, bytes))),
    ];

    private static readonly (string Name, Action<NativeSlab, long> Write)[] Writes =
    [
        ("Write", (slab, value) => slab.Write(8, value)),
        ("Write with a thread", (slab, value) => slab.Write(PercpuThread.Current, 8, value)),
    ];

    [Fact]
    public void I60_of_memory_that_lives_on_they_read_and_write_what_they_were_asked_to() => OnMemory((slab, held) =>
    {
        slab.Reference.SwitchToAtomic();
        foreach ((string name, Func<NativeSlab, HeldPin, long> read) in Reads.Concat(HeldReads))
        {
            Overtake(slab);
            Assert.True(read(slab, held) == 0x0102030405060708, $"{name} has read something else.");
            AssertLeft(slab, 2, name);
        }
        foreach ((string name, Action<NativeSlab, long> write) in Writes)
        {
            Overtake(slab);
            write(slab, 5);
            AssertLeft(slab, 2, name);
            Assert.Equal((0, 5, 0), (slab.Read<long>(0), slab.Read<long>(8), slab.Read<long>(16)));
            slab.Write(8, 0L);
        }
    });

    [Fact]
    public void I60_of_memory_that_was_disposed_they_are_refused_unless_a_pin_is_held() => OnMemory((slab, held) =>
    {
        slab.Dispose();
        foreach ((string name, Func<NativeSlab, HeldPin, long> read) in Reads)
        {
            Overtake(slab);
            Assert.Throws<ObjectDisposedException>(() => { read(slab, held); });
            AssertLeft(slab, 1, name);
        }
        foreach ((string name, Action<NativeSlab, long> write) in Writes)
        {
            Overtake(slab);
            Assert.Throws<ObjectDisposedException>(() => write(slab, 5));
            AssertLeft(slab, 1, name);
        }
        foreach ((string name, Func<NativeSlab, HeldPin, long> read) in HeldReads)
        {
            Overtake(slab);
            Assert.True(read(slab, held) == 0x0102030405060708, $"{name} has read something else.");
            AssertLeft(slab, 1, name);
        }
    });

    private static void OnMemory(Action<NativeSlab, HeldPin> test)
    {
        using var thread = new Stepper(); // Its hazard line is its own.
        thread.Do(() =>
        {
            NativeSlab slab = NativeSlab.Allocate(64);
            slab.Pin().Dispose(); // A thread's first is counted: it has no line yet.
            slab.Write(8, 0x0102030405060708);
            HeldPin held = slab.Hold();
            test(slab, held);
            Atomic.StoreRelease(&Inside.Words(slab.Reference)->Limit, 0);
            slab.Dispose();
            Assert.False(slab.Released.IsCompleted);
            held.Dispose();
            Assert.True(slab.Released.IsCompletedSuccessfully);
        });
    }

    private static void Overtake(NativeSlab slab) => Atomic.StoreRelease(&Inside.Words(slab.Reference)->Limit, slab.Length);

    private static void AssertLeft(NativeSlab slab, long count, string name)
    {
        Assert.True((*Hazard.OfAccess(PerThread.Hazards), *Hazard.OfPin(PerThread.Hazards)) == (0, 0), $"{name} has left a hazard pointer.");
        Assert.True(Inside.Count(slab.Reference) == count, $"{name} has left a count of {Inside.Count(slab.Reference)}.");
    }

    private static long Bytes(Action<byte[]> read)
    {
        byte[] bytes = new byte[8];
        read(bytes);
        return BitConverter.ToInt64(bytes);
    }
}
