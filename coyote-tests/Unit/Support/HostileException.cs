using System.Collections;

namespace Percpu.Unit.Support;

/// <summary>An exception of which nothing can be asked: every member that a stranger can override throws.</summary>
internal sealed class HostileException : Exception
{
    public override string Message => throw new NotSupportedException();

    public override string? StackTrace => throw new NotSupportedException();

    public override IDictionary Data => throw new NotSupportedException();

    public override string? Source
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override string? HelpLink
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override Exception GetBaseException() => throw new NotSupportedException();

    public override string ToString() => throw new NotSupportedException();

    public override bool Equals(object? obj) => throw new NotSupportedException();

    public override int GetHashCode() => throw new NotSupportedException();
}
