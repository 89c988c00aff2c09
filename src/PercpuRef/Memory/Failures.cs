using System.Runtime.ExceptionServices;

namespace Percpu.Memory;

/// <summary>Exceptions of callbacks that must not keep the next ones from running; thrown together at the end.</summary>
internal struct Failures
{
    private List<Exception>? _exceptions;

    internal void Add(Exception exception) => (_exceptions ??= []).Add(exception);

    /// <summary>Throws the one exception as it was, or several as an AggregateException.</summary>
    internal readonly void ThrowIfAny()
    {
        if (_exceptions is [var only])
            ExceptionDispatchInfo.Throw(only);
        if (_exceptions is not null)
            throw new AggregateException(_exceptions);
    }
}
