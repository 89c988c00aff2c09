using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class MappedFileLifetimeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Fact]
    public async Task I61_Dispose_does_not_wait_and_the_last_unpin_unmaps()
    {
        string path = _folder.WithBytes("file", 10_000);
        MappedFile file = MappedFile.Open(path);
        UseAcrossDispose();
        Assert.True(file.Released.IsCompletedSuccessfully);
        OpenFiles.AssertNothingLeft(path);
        await file.Released;

        void UseAcrossDispose()
        {
            MappedPin first = file.Pin();
            MappedPin second = file.Pin();
            file.Dispose();

            Assert.False(file.Released.IsCompleted);
            Assert.False(file.Reference.WaitForRelease(TimeSpan.Zero));
            Assert.Equal(77, first.Span[77]);
            first.Dispose();
            Assert.False(file.Released.IsCompleted);
            AssertMapped(path, true);
            Assert.Equal(78, second.Span[78]);
            second.Dispose();
            Assert.True(file.Reference.WaitForRelease(Patience));
            AssertMapped(path, false);
        }
    }

    [Fact]
    public void I61_without_pins_Dispose_unmaps()
    {
        string path = _folder.WithBytes("file", 10);
        MappedFile file = MappedFile.Open(path);
        AssertMapped(path, true);
        file.Dispose();
        Assert.True(file.Released.IsCompletedSuccessfully);
        OpenFiles.AssertNothingLeft(path);
        file.Dispose();
    }

    [Fact]
    public void I61_the_blocking_form_waits_for_a_pin_on_another_thread()
    {
        MappedFile file = MappedFile.Open(_folder.WithBytes("file", 10));
        using var pinned = new ManualResetEventSlim();
        using var unpin = new ManualResetEventSlim();
        using var holder = new Worker(() =>
        {
            using MappedPin pin = file.Pin();
            pinned.Set();
            Worker.Await(unpin);
            Assert.Equal(3, pin.Span[3]);
        });
        Worker.Await(pinned);
        file.Dispose();
        Assert.False(file.Reference.WaitForRelease(TimeSpan.FromMilliseconds(20)));
        unpin.Set();
        Assert.True(file.Reference.WaitForRelease(Patience));
    }

    [Fact]
    public async Task I61_DisposeAsync_completes_when_the_file_is_unmapped()
    {
        string path = _folder.WithBytes("file", 10);
        MappedFile file = MappedFile.Open(path);
        using var pinned = new ManualResetEventSlim();
        using var unpin = new ManualResetEventSlim();
        using var holder = new Worker(() =>
        {
            using MappedPin pin = file.Pin();
            pinned.Set();
            Worker.Await(unpin);
        });
        Worker.Await(pinned);
        ValueTask disposed = file.DisposeAsync();
        Assert.False(disposed.IsCompleted);
        unpin.Set();
        await disposed;
        OpenFiles.AssertNothingLeft(path);
        await file.DisposeAsync();

        MappedFile other = MappedFile.Open(path);
        await using (other)
            other.Pin().Dispose();
        Assert.True(other.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void I60_a_pin_after_dispose_fails_cleanly()
    {
        string path = _folder.WithBytes("file", 10);
        MappedFile file = MappedFile.Open(path);
        file.Dispose();

        Assert.False(file.TryPin(out MappedPin none));
        Assert.Equal(0, none.Length);
        none.Dispose(); // Harmless.
        var exception = Assert.Throws<ObjectDisposedException>(() => file.Pin().Dispose());
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(file.Flush);
        Assert.Equal(10, file.Length);
    }

    [Fact]
    public void I61_killing_the_reference_is_the_same_as_disposing()
    {
        string path = _folder.WithBytes("file", 10);
        using MappedFile file = MappedFile.Open(path);
        file.Reference.Kill();

        Assert.False(file.TryPin(out _));
        OpenFiles.AssertNothingLeft(path);
    }

    [Fact]
    public void I61_files_disposed_by_many_threads_at_once_are_unmapped_once()
    {
        string path = _folder.WithBytes("file", 10);
        for (int i = 0; i < 50; i++)
        {
            MappedFile file = MappedFile.Open(path);
            using (new Worker(file.Dispose))
                file.Dispose();
            Assert.True(file.Released.IsCompletedSuccessfully);
            OpenFiles.AssertNothingLeft(path);
        }
    }

    [Fact]
    public void No_page_of_a_map_comes_to_a_child_process_which_would_keep_it_mapped()
    {
        Smaps.Need();
        int page = Environment.SystemPageSize;
        string path = _folder.WithBytes("file", 2 * page + 1);
        using MappedFile file = MappedFile.Open(path);
        var ours = Smaps.Read().Where(each => each.File == path).ToList();
        Assert.Equal(3 * page, ours.Sum(each => each.End - each.Start));
        Assert.All(ours, each => Assert.Contains(" dc", each.Flags, StringComparison.Ordinal));
    }

    private static void AssertMapped(string path, bool mapped)
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal(mapped ? 1 : 0, OpenFiles.MappingsOf(path));
    }
}
