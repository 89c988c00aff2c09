namespace Percpu.Unit.Failures.Shortages;

/// <summary>What a program does at its end, however it ends, the last thing first. A step that fails is tried again: what could not be
/// disposed for want of memory is still there, and can be.</summary>
public sealed class LastSteps : IDisposable
{
    private readonly Stack<(string Name, Action Step)> _steps = [];

    /// <summary>The first thing that was wrong.</summary>
    public string? Wrong { get; private set; }

    public void Check(bool holds, string otherwise)
    {
        if (!holds)
            Wrong ??= otherwise;
    }

    /// <summary>Checks at the end.</summary>
    public void CheckAtLast(Func<bool> holds, string otherwise) => Add(otherwise, text => Check(holds(), text));

    /// <summary>Does something, and once more if it failed: then it must go, for nothing was half done.</summary>
    public static T Do<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception first) when (ProgramRun.IsShortage(first))
        {
            return step();
        }
    }

    public static void Do(Action step) => Do(() =>
    {
        step();
        return 0;
    });

    public T Add<T>(T thing, Action<T> step)
    {
        _steps.Push((typeof(T).Name, () => step(thing)));
        return thing;
    }

    public T Add<T>(T thing) where T : IDisposable => Add(thing, static each => each.Dispose());

    public void Dispose()
    {
        var failures = new List<Exception>();
        while (_steps.TryPop(out (string Name, Action Step) last))
        {
            try
            {
                last.Step();
            }
            catch (Exception first) when (ProgramRun.IsShortage(first))
            {
                failures.Add(first);
                try
                {
                    last.Step();
                }
                catch (Exception second) when (second is ObjectDisposedException or InvalidOperationException)
                {
                    // The first try had come to its end all the same. If it left something, the balance tells.
                }
            }
        }
        if (failures.Count > 0)
            throw new AggregateException(failures);
    }
}
