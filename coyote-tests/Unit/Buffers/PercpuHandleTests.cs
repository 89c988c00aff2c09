using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed partial class PercpuHandleTests
{
    private sealed class Counted : PercpuHandle
    {
        internal readonly StrongBox<int> Closed;

        internal Counted(nint value, StrongBox<int>? closed = null, bool ownsHandle = true)
            : base(-1, ownsHandle)
        {
            Closed = closed ?? new StrongBox<int>();
            SetHandle(value);
        }

        public override bool IsInvalid => DangerousGetHandle() == -1;

        protected override bool ReleaseHandle(nint handle) => Interlocked.Increment(ref Closed.Value) == 1 && handle != 13;
    }

    [Fact]
    public void A_handle_is_closed_once_at_its_last_use()
    {
        var handle = new Counted(5);
        HandlePin use = handle.Use();
        handle.Dispose();
        handle.Dispose();
        Assert.True(handle.IsClosed);
        Assert.Equal(5, use.Value);
        Assert.Equal(0, handle.Closed.Value);
        use.Dispose();
        use.Dispose();
        Assert.Equal(1, handle.Closed.Value);
        Assert.False(handle.TryUse(out HandlePin none));
        none.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { handle.Use(); });
    }

    [Fact]
    public async Task The_Dangerous_pair_and_the_awaited_close_work_as_for_SafeHandle()
    {
        var handle = new Counted(5);
        bool taken = false;
        handle.DangerousAddRef(ref taken);
        Assert.True(taken);
        ValueTask closed = handle.DisposeAsync();
        Assert.False(closed.IsCompleted);
        handle.DangerousRelease();
        await closed;
        Assert.Equal(1, handle.Closed.Value);
        bool again = false;
        Assert.Throws<ObjectDisposedException>(() => handle.DangerousAddRef(ref again));
        Assert.False(again);
    }

    [Fact]
    public void An_invalid_or_foreign_handle_is_not_closed()
    {
        var invalid = new Counted(-1);
        invalid.Dispose();
        var foreign = new Counted(5, ownsHandle: false);
        foreign.Dispose();
        Assert.Equal((0, 0), (invalid.Closed.Value, foreign.Closed.Value));
        new Counted(13).Dispose(); // Closing fails: an event, no exception.
    }

    [Fact]
    public void I65_a_dropped_handle_is_closed_by_its_finalizer()
    {
        var closed = new StrongBox<int>();
        Drop(closed);
        for (int i = 0; i < 100 && Volatile.Read(ref closed.Value) == 0; i++)
        {
            GC.Collect();
            Collector.AwaitFinalizers();
        }
        Assert.Equal(1, closed.Value);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(StrongBox<int> closed)
        {
            var handle = new Counted(5, closed);
            using HandlePin use = handle.Use();
        }
    }

    // The interop example of docs/embedding.md: a file descriptor.
    private sealed partial class Descriptor() : PercpuHandle(invalidValue: -1, ownsHandle: true)
    {
        public override bool IsInvalid => DangerousGetHandle() == -1;

        internal static Descriptor Open(string path)
        {
            var descriptor = new Descriptor();      // First the object: no failure can lose the handle.
            descriptor.SetHandle(OpenFile(path, 0));
            return descriptor.IsInvalid ? throw new IOException($"open {path}") : descriptor;
        }

        internal nint Read(Span<byte> buffer) => ReadFile(this, buffer, (nuint)buffer.Length);

        protected override bool ReleaseHandle(nint handle) => CloseFile((int)handle) == 0;

        [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int OpenFile(string path, int flags);

        [LibraryImport("libc", EntryPoint = "read")]
        private static partial nint ReadFile(
            [MarshalUsing(typeof(PercpuHandleMarshaller<Descriptor>))] Descriptor descriptor, Span<byte> buffer, nuint count);

        [LibraryImport("libc", EntryPoint = "close")]
        private static partial int CloseFile(int descriptor);
    }

    [Fact]
    public void A_native_function_gets_the_value_and_a_use_around_the_call()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var scratch = new ScratchFile(100);
        Descriptor descriptor = Descriptor.Open(scratch.Location);
        byte[] bytes = new byte[3];
        Assert.Equal(3, descriptor.Read(bytes));
        Assert.Equal([0, 1, 2], bytes);
        descriptor.Dispose();
        Assert.True(descriptor.Reference.IsZero);
        Assert.Throws<ObjectDisposedException>(() => descriptor.Read(bytes));
        Assert.Throws<IOException>(() => Descriptor.Open(scratch.Location + ".none"));
    }

    [Fact]
    public async Task Users_and_a_closer_on_many_threads_never_meet_a_closed_handle()
    {
        for (int round = 0; round < 50; round++)
        {
            var handle = new Counted(5);
            var users = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                long uses = 0;
                while (handle.TryUse(out HandlePin use))
                {
                    using (use)
                        Assert.Equal(0, Volatile.Read(ref handle.Closed.Value));
                    uses++;
                }
                return uses;
            })).ToArray();
            if (round % 2 == 0)
                await Task.Yield();
            await handle.DisposeAsync();
            Assert.Equal(1, handle.Closed.Value);
            await Task.WhenAll(users);
        }
    }
}
