using Percpu;

namespace CoyoteTests;

/// <summary>A cache of one entry, which readers pin and a writer replaces: right, or wrong in one of the ways people get it wrong.</summary>
public sealed class Cache
{
    private readonly CacheFault _fault;
    private Entry _current;

    /// <summary>Makes a cache with a document in it.</summary>
    public Cache(CacheFault fault = CacheFault.None)
    {
        _fault = fault;
        _current = new Entry("first", fault);
    }

    /// <summary>Reads the document, whichever it is now.</summary>
    public int Read()
    {
        while (true)
        {
            Entry entry = Volatile.Read(ref _current);
            if (_fault == CacheFault.NoPin)
                return entry.Document.Read();
            if (!entry.Reference.TryGetLive())
                continue; // Replaced meanwhile: there is a new one.
            int length;
            try
            {
                length = entry.Document.Read();
            }
            finally
            {
                if (_fault != CacheFault.ForgottenPut)
                    entry.Reference.Put();
            }
            if (_fault == CacheFault.PutTwice)
                entry.Reference.Put();
            return _fault == CacheFault.ReadAfterPut ? entry.Document.Read() : length;
        }
    }

    /// <summary>Replaces the document, and waits until the old one is closed.</summary>
    public void Replace(string text)
    {
        Entry old = Interlocked.Exchange(ref _current, new Entry(text, _fault));
        old.Reference.Kill();
        if (_fault == CacheFault.ClosedAtKill)
            old.Document.Close();
        old.Reference.WaitForRelease(Timeout.InfiniteTimeSpan);
    }

    private sealed class Entry
    {
        internal Entry(string text, CacheFault fault)
        {
            Document = new Document(text);
            Reference = new PercpuRef(_ =>
            {
                if (fault != CacheFault.ClosedAtKill)
                    Document.Close();
            });
        }

        internal Document Document { get; }

        internal PercpuRef Reference { get; }
    }
}
