using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class FinalizerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly PercpuEvents _events = new();

    public void Dispose()
    {
        _events.Dispose();
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Fact]
    public void I65_a_file_dropped_without_dispose_is_unmapped_and_reported_once()
    {
        string path = _folder.WithBytes("file", 10);
        Task released = Drop();
        Collector.CollectUntil(() => released.IsCompleted);

        Assert.True(released.IsCompletedSuccessfully);
        OpenFiles.AssertNothingLeft(path);
        Collector.CollectTwice();
        Assert.Equal(1, Reports(path));

        [MethodImpl(MethodImplOptions.NoInlining)]
        Task Drop() => MappedFile.Open(path).Released;
    }

    [Fact]
    public void I65_a_dropped_file_is_not_unmapped_under_a_reference_to_it()
    {
        string path = _folder.WithBytes("file", 10_000);
        Task? released = null;
        PercpuRef reference = HoldAndDrop();
        Collector.CollectUntil(() => Reports(path) == 1);
        Collector.CollectTwice();

        Assert.False(released!.IsCompleted);
        Assert.NotEqual(0, OpenFiles.MappingsOf(path));
        reference.Put();
        Assert.True(released.IsCompletedSuccessfully);
        OpenFiles.AssertNothingLeft(path);

        [MethodImpl(MethodImplOptions.NoInlining)]
        PercpuRef HoldAndDrop()
        {
            MappedFile file = MappedFile.Open(path);
            released = file.Released;
            file.Reference.Get();
            return file.Reference;
        }
    }

    [Fact]
    public void I65_a_pin_keeps_a_dropped_file_from_its_finalizer()
    {
        string path = _folder.WithBytes("file", 10_000);
        UseDropped();
        Collector.CollectUntil(() => Reports(path) == 1);
        OpenFiles.AssertNothingLeft(path);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void UseDropped()
        {
            using MappedPin pin = MappedFile.Open(path).Pin();
            Collector.CollectTwice();
            Assert.Equal(0, Reports(path));
            Assert.Equal(9_000 % 251, pin.Span[9_000]);
        }
    }

    [Fact]
    public void I65_a_file_that_was_disposed_is_not_reported()
    {
        string path = _folder.WithBytes("file", 10);
        var gone = new WeakReference[3];
        DropDisposed();
        Collector.CollectUntil(() => gone.All(each => !each.IsAlive));
        Assert.Equal(0, Reports(path));

        [MethodImpl(MethodImplOptions.NoInlining)]
        void DropDisposed()
        {
            MappedFile disposed = MappedFile.Open(path), awaited = MappedFile.Open(path), killed = MappedFile.Open(path);
            disposed.Dispose();
            awaited.DisposeAsync().AsTask().GetAwaiter().GetResult();
            killed.Reference.Kill();
            gone[0] = new WeakReference(disposed);
            gone[1] = new WeakReference(awaited);
            gone[2] = new WeakReference(killed, trackResurrection: true); // Until its finalizer has run.
        }
    }

    [Fact]
    public void I65_many_dropped_files_are_all_unmapped()
    {
        string path = _folder.WithBytes("file", 10);
        Task[] released = Drop();
        Collector.CollectUntil(() => released.All(each => each.IsCompleted));
        OpenFiles.AssertNothingLeft(path);
        Assert.Equal(100, Reports(path));

        [MethodImpl(MethodImplOptions.NoInlining)]
        Task[] Drop() => [.. Enumerable.Range(0, 100).Select(_ => MappedFile.Open(path).Released)];
    }

    private int Reports(string path) => _events.Heard("MappedFileDropped", payload => (string?)payload[0] == path).Count;
}
