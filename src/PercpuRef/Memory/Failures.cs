using System.Runtime.ExceptionServices;

namespace Percpu.Memory;

/// <summary>Exceptions of callbacks that must not keep the next ones from running; thrown together at the end.</summary>
/// <remarks>Adding never throws: the first is kept without memory, and where there is none for the list of the others,
/// they are counted.</remarks>
internal struct Failures
{
    private Exception? _first;
    private List<Exception>? _others;
    private int _uncollected;

    internal void Add(Exception exception)
    {
        if (_first is null)
        {
            _first = exception;
            return;
        }
        try
        {
            (_others ??= []).Add(exception);
        }
        catch (OutOfMemoryException)
        {
            _uncollected++;
        }
    }

    /// <summary>Throws the one exception as it was, or several as an AggregateException.</summary>
    internal readonly void ThrowIfAny()
    {
        if (_first is null)
            return;
        if (_others is null && _uncollected == 0)
            ExceptionDispatchInfo.Throw(_first);
        IEnumerable<Exception> all = _others is null ? [_first] : [_first, .. _others];
        throw _uncollected == 0
            ? new AggregateException(all)
            : new AggregateException($"{_uncollected} exceptions more were lost for want of memory.", all);
    }
}
