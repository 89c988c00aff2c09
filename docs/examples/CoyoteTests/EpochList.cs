using Percpu;

namespace CoyoteTests;

/// <summary>A document that readers reach in read sections of an epoch domain, and a writer replaces.</summary>
public sealed class EpochList(EpochFault fault = EpochFault.None)
{
    private readonly EpochDomain _domain = new();
    private Document _current = new("first");

    /// <summary>Reads the document, whichever it is now.</summary>
    public int Read()
    {
        if (fault == EpochFault.NoSection)
            return Volatile.Read(ref _current).Read();
        Document document;
        using (_domain.Enter())
        {
            document = Volatile.Read(ref _current);
            if (fault != EpochFault.ReadAfterSection)
                return document.Read();
        }
        return document.Read();
    }

    /// <summary>Replaces the document and closes the old one.</summary>
    public void Replace(string text)
    {
        if (fault == EpochFault.RetiredBeforeUnlinked)
        {
            _domain.Retire(_current, static document => document.Close());
            _domain.Barrier();
            Volatile.Write(ref _current, new Document(text));
            return;
        }
        Document old = Interlocked.Exchange(ref _current, new Document(text));
        if (fault == EpochFault.NoGracePeriod)
        {
            old.Close();
            return;
        }
        _domain.Retire(old, static document => document.Close());
        _domain.Barrier();
    }

    /// <summary>Replaces it without holding a thread.</summary>
    public async Task ReplaceAsync(string text)
    {
        Document old = Interlocked.Exchange(ref _current, new Document(text));
        await _domain.SynchronizeAsync();
        old.Close();
    }
}
