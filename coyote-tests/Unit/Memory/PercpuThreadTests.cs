using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>An explicit thread: what it does is what the operations without it do; it cannot come to another thread; and its default
/// value, which anybody can make, is good for all of them.</summary>
public sealed class PercpuThreadTests
{
    /// <summary>How the thread that is given comes about.</summary>
    public enum Given
    {
        Current,
        Default,
    }

    private static PercpuThread Make(Given given) => given == Given.Current ? PercpuThread.Current : default;

    [Theory]
    [InlineData("PercpuThread thread = PercpuThread.Current; reference.TryGetLive(thread); reference.Put(thread);")]
    [InlineData("{ PercpuThread thread = PercpuThread.Current; Use(thread); } await Task.Yield();")]
    public void I78_a_thread_on_the_stack_compiles(string body) => Assert.Empty(Errors(body));

    [Theory]
    [InlineData("object boxed = PercpuThread.Current;", "CS0029")]
    [InlineData("var all = new PercpuThread[1];", "CS0611")]
    [InlineData("var all = new List<PercpuThread>();", "CS9244")]
    [InlineData("PercpuThread thread = PercpuThread.Current; Action later = () => reference.Put(thread);", "CS8175")]
    [InlineData("PercpuThread thread = PercpuThread.Current; new Thread(() => reference.Put(thread)).Start();", "CS8175")]
    [InlineData("PercpuThread thread = PercpuThread.Current; void Later() => reference.Put(thread); Task.Run(Later);", "CS8175")]
    [InlineData("PercpuThread thread = PercpuThread.Current; await Task.Yield(); reference.Put(thread);", "CS4007")]
    [InlineData("PercpuThread thread = PercpuThread.Current; using MappedPin pin = memory.Pin(thread); await Task.Yield();", "CS4007")]
    public void I78_a_thread_cannot_be_given_to_another(string body, string error) => Assert.Contains(error, Errors(body));

    [Theory]
    [InlineData("class Holder { PercpuThread thread; }", "CS8345")]
    [InlineData("class Holder { [ThreadStatic] static PercpuThread thread; }", "CS8345")]
    [InlineData("struct Holder { PercpuThread thread; }", "CS8345")]
    [InlineData("class Holder { async Task Run(PercpuThread thread) => await Task.Yield(); }", "CS4012")]
    [InlineData("class Holder { IEnumerable<int> Run(PercpuRef reference) { PercpuThread thread = PercpuThread.Current; yield return 1; reference.Put(thread); } }", "CS4007")]
    public void I78_a_thread_cannot_be_stored(string type, string error) => Assert.Contains(error, Snippets.ErrorsInFile(type));

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_references_count_with_any_thread_as_without(Given given)
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        PercpuThread thread = Make(given);
        Assert.True(reference.TryGetLive(thread));
        Assert.True(reference.TryGet(thread));
        reference.Get(thread);
        Assert.Equal(4, reference.ApproximateCount);
        reference.Put();        // In any mixture.
        reference.Put(thread);
        Assert.True(reference.IsPercpu);
        reference.Kill();
        Assert.False(reference.TryGetLive(thread));
        Assert.True(reference.TryGet(thread));
        reference.Put(thread);
        Assert.Equal(0, released);
        reference.Put(PercpuThread.Current);
        Assert.Equal(1, released);
        Assert.False(reference.TryGet(thread));
        Assert.Equal(1, released);
    }

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_what_was_got_with_a_thread_may_be_put_on_another_with_its_own(Given given)
    {
        var reference = new PercpuRef();
        Assert.True(reference.TryGetLive(Make(given)));
        Worker.Run(() => reference.Put(Make(given)));
        reference.Kill();
        Assert.True(reference.IsZero);
    }

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_one_put_too_many_is_reported_with_a_thread_too(Given given)
    {
        var reference = new PercpuRef();
        reference.Kill();
        try
        {
            reference.Put(Make(given));
        }
        catch (InvalidOperationException)
        {
            return;
        }
        Assert.Fail("The put of a released reference was accepted.");
    }

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_memory_is_read_written_and_pinned_with_any_thread(Given given)
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        using var cell = new MappedCell<NativeSlab>(slab);
        PercpuThread thread = Make(given);
        slab.Write(thread, 8, 0x0102030405060708);
        Assert.Equal(0x0102030405060708, slab.Read<long>(thread, 8));
        Assert.Equal(8, slab.ReadByte(thread, 8));
        using (MappedPin outer = slab.Pin(thread), inner = slab.View(8, 8).Pin(thread), third = cell.Pin(thread))
        {
            Assert.Equal(4, slab.Reference.ApproximateCount);
            Assert.Equal((64, 8, 64), (outer.Length, inner.Length, third.Length));
            Assert.Equal(8, inner.ReadByte(0));
            Assert.Equal(8, third.ReadByte(8));
            slab.Dispose();
            Assert.Equal(8, outer.ReadByte(8));
            Assert.False(slab.Released.IsCompleted);
        }
        Assert.True(slab.Released.IsCompletedSuccessfully);
        Assert.False(slab.TryPin(thread, out _));
        Assert.False(slab.View(0, 1).TryPin(thread, out _));
        Assert.False(cell.TryPin(thread, out _));
        Assert.Equal("ObjectDisposedException", Caught(slab, static (slab, thread) => slab.ReadByte(thread, 0), thread));
        Assert.Equal("ObjectDisposedException", Caught(slab, static (slab, thread) => slab.Write(thread, 0, 1), thread));
        Assert.Equal("ObjectDisposedException", Caught(slab, static (slab, thread) => slab.Pin(thread), thread));
    }

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_offsets_are_checked_with_any_thread(Given given)
    {
        using NativeSlab slab = NativeSlab.Allocate(64);
        PercpuThread thread = Make(given);
        foreach (long offset in (long[])[-1, 64 - 7, 64, long.MaxValue, long.MinValue])
        {
            long at = offset;
            Assert.Equal("ArgumentOutOfRangeException", Caught(slab, (slab, thread) => slab.Read<long>(thread, at), thread));
            Assert.Equal("ArgumentOutOfRangeException", Caught(slab, (slab, thread) => slab.Write(thread, at, 1L), thread));
        }
        Assert.Equal(1, slab.Reference.ApproximateCount);
    }

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_a_read_section_with_any_thread_holds_up_a_grace_period_and_nests(Given given)
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        PercpuThread thread = Make(given);
        EpochCookie cookie;
        using (domain.Enter(thread))
        {
            cookie = domain.StartGracePeriod();
            using (domain.Enter(thread))
            using (domain.Enter())
                Assert.False(domain.HasElapsed(cookie));
            Assert.False(domain.HasElapsed(cookie));
        }
        Assert.True(domain.HasElapsed(cookie));
    }

    [Theory]
    [InlineData(Given.Current)]
    [InlineData(Given.Default)]
    public void I78_a_rented_block_comes_home_whatever_thread_is_given(Given given)
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 4 });
        pool.RentBlock().Dispose();
        long bytes = pool.MappedBytes;
        for (int i = 0; i < 100; i++)
        {
            PercpuThread thread = Make(given);
            SlabRental first = pool.RentBlock(thread), second = pool.RentBlock();
            Assert.NotEqual(first, second);
            first.Dispose(thread);
            first.Dispose(thread); // Counts once.
            second.Dispose(thread);
            Assert.False(first.IsRented || second.IsRented);
        }
        Assert.Equal(bytes, pool.MappedBytes);
    }

    [Fact]
    public void I78_a_new_thread_does_not_take_the_cache_of_the_ended_one_whose_line_it_has()
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 4 });
        for (int i = 0; i < 20; i++)
        {
            Worker.Run(() =>
            {
                SlabRental rental = pool.RentBlock(PercpuThread.Current);
                rental.Span.Fill(1);
                rental.Dispose(PercpuThread.Current);
            });
        }
        Worker.Run(() => Assert.True(ThreadHasNoMark()));
    }

    [Fact]
    public void I78_a_handle_is_used_with_any_thread()
    {
        var handle = new Handle();
        using (HandlePin use = handle.Use(PercpuThread.Current))
        using (HandlePin other = handle.Use(default))
        {
            handle.Dispose();
            Assert.Equal((7, 7, false), (use.Value, other.Value, handle.IsReleased));
        }
        Assert.True(handle.IsReleased);
        Assert.False(handle.TryUse(PercpuThread.Current, out _));
        Assert.False(handle.TryUse(default, out _));
    }

    [Fact]
    public void I24_nothing_is_allocated()
    {
        using NativeSlab slab = NativeSlab.Allocate(64);
        Use(slab);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Use(slab);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Use(NativeSlab slab)
        {
            PercpuThread thread = PercpuThread.Current;
            using EpochReader reader = EpochDomain.Shared.Enter(thread);
            using MappedPin pin = slab.Pin(thread);
            slab.Reference.Get(thread);
            slab.Write(thread, 0, slab.Read<int>(thread, 0) + 1);
            slab.Reference.Put(thread);
        }
    }

    private static unsafe bool ThreadHasNoMark() => Atomic.LoadLocal(Hazard.OfMark(PercpuThread.Current.Hazards)) == 0;

    private static string[] Errors(string body) => Snippets.ErrorsInFile(
        $"class Frame {{ static void Use(PercpuThread thread) {{ }} async Task Run(PercpuRef reference, MappedFile memory) {{ {body} }} }}");

    private static string Caught(NativeSlab slab, Act act, PercpuThread thread)
    {
        try
        {
            act(slab, thread);
            return "";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }

    private delegate void Act(NativeSlab slab, PercpuThread thread);

    private sealed class Handle : PercpuHandle
    {
        internal Handle() : base(0, ownsHandle: true) => SetHandle(7);

        internal bool IsReleased { get; private set; }

        public override bool IsInvalid => false;

        protected override bool ReleaseHandle(nint handle) => IsReleased = true;
    }
}
