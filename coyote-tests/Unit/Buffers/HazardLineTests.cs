using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Buffers;

/// <summary>Whatever pins by a hazard pointer takes it back, and touches no other word of the thread's line.</summary>
public sealed unsafe class HazardLineTests
{
    private const int Words = StripeLayout.LineBytes / sizeof(long);

    private static readonly (string Name, Action<NativeSlab> Call)[] Calls =
    [
        ("Read", slab => slab.Read<int>(1)),
        ("Read with a thread", slab => slab.Read<int>(PercpuThread.Current, 1)),
        ("ReadByte", slab => slab.ReadByte(1)),
        ("Write", slab => slab.Write(1, 5)),
        ("Write with a thread", slab => slab.Write(PercpuThread.Current, 1, 5)),
        ("TryRead", slab => Assert.True(slab.TryRead(1, out int _))),
        ("TryRead outside", slab => Assert.False(slab.TryRead(64, out int _))),
        ("TryReadBytes", slab => Assert.True(slab.TryReadBytes(1, new byte[8]))),
        ("TryReadBytes outside", slab => Assert.False(slab.TryReadBytes(60, new byte[8]))),
        ("ReadBytes", slab => slab.ReadBytes(1, new byte[8])),
        ("ReadBigEndian", slab => slab.ReadBigEndian<long>(1)),
        ("WriteLittleEndian", slab => slab.WriteLittleEndian(1, 5L)),
        ("Read through a held pin", slab => Held(slab, pin => pin.Read<long>(1))),
        ("ReadBytes through a held pin", slab => Held(slab, pin => pin.ReadBytes(1, new byte[8]))),
        ("a pin", slab => slab.Pin().Dispose()),
        ("a pin with a thread", slab => slab.Pin(PercpuThread.Current).Dispose()),
        ("a pin of a view", slab => slab.View(8, 8).Pin().Dispose()),
        ("two pins", slab =>
        {
            using MappedPin outer = slab.Pin(), inner = slab.Pin();
            Assert.Equal((long)Inside.Words(slab.Reference), *Hazard.OfPin(PerThread.Hazards));
            Assert.Equal(outer.ReadByte(0), inner.ReadByte(0));
        }),
    ];

    [Fact]
    public void I60_a_visit_or_a_pin_leaves_the_threads_line_as_it_was_and_the_memory_is_unmapped_when_it_is_disposed()
    {
        using var thread = new Stepper(); // Its line is its own.
        thread.Do(() =>
        {
            using NativeSlab first = NativeSlab.Allocate(8);
            first.Pin().Dispose(); // Gives the thread its line.
            Fill(-1); // What nobody uses: a store that is only a byte off would show there.
            for (int i = 0; i < 4; i++) // The words of each have another address.
            {
                foreach ((string name, Action<NativeSlab> call) in Calls)
                {
                    NativeSlab slab = NativeSlab.Allocate(64);
                    long[] before = Line();
                    call(slab);
                    Assert.True(before.AsSpan().SequenceEqual(Line()), $"{name} has changed the line: {string.Join(' ', Line())}");
                    slab.Dispose();
                    Assert.True(slab.Released.IsCompletedSuccessfully, $"{name} still holds the memory.");
                }
            }
            Fill(0); // The line goes to another thread.
        });
    }

    private static void Fill(long value)
    {
        for (int word = 0; word < Words; word++)
        {
            if (word * sizeof(long) is not (int)Hazard.MarkOffset and not (int)Hazard.AccessOffset and not (int)Hazard.PinOffset)
                ((long*)PerThread.Hazards)[word] = value;
        }
    }

    private static long[] Line() => new Span<long>((long*)PerThread.Hazards, Words).ToArray();

    private static void Held(NativeSlab slab, Action<HeldPin> read)
    {
        using HeldPin pin = slab.Hold();
        read(pin);
    }
}
