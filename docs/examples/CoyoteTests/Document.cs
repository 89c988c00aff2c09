namespace CoyoteTests;

/// <summary>What a cache holds: something that must not be used once it was closed.</summary>
public sealed class Document(string text)
{
    private bool _closed;

    /// <summary>Closes it, once.</summary>
    public void Close()
    {
        if (_closed)
            throw new InvalidOperationException("Closed twice.");
        _closed = true;
    }

    /// <summary>Its length.</summary>
    public int Read() => _closed ? throw new InvalidOperationException("Read after it was closed.") : text.Length;
}
