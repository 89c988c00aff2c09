using System.Globalization;
using System.Text;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer.Courses;

// What waits, what is not memory, and what the checker keeps.
internal sealed unsafe partial class CourseWorld
{
    private bool PerformWait(string[] operation, long* word, Source source, out object? result)
    {
        (string member, int line) = source;
        ModelThread thread = ModelThread.Current;
        result = null;
        switch (operation[0])
        {
            case "lock":
                _execution.EnterLock(thread, word, source);
                break;
            case "try":
                result = Hold(thread, _execution.TryEnterLock(thread, word, source));
                break;
            case "unlock":
                _execution.ExitLock(thread, word, source);
                break;
            case "unlock-if":
                if (Hold(thread, false, out bool held) && held)
                    _execution.ExitHeldLock(thread, word, source);
                break;
            case "park":
                _execution.Park(thread, word, Number(operation[2]), Number(operation[3]), source, interruptible: operation.Length == 4);
                result = thread.WokenBy >= 0;
                break;
            case "wake":
                _execution.WakeAll(thread, word, source);
                break;
            case "until":
                for (var spinner = new Spinner(); NativeWord.Read(word, member, line) != Number(operation[2]);)
                    spinner.Pause();
                break;
            case "until-relaxed":
                for (var spinner = new Spinner(); NativeWord.ReadRelaxed(word, member, line) != Number(operation[2]);)
                    spinner.Pause();
                break;
            case "poll":
                while (NativeWord.Read(word, member, line) != Number(operation[2]))
                    _execution.Pause(thread);
                break;
            case "spin":
                while (NativeWord.Read(word, member, line) != Number(operation[2]))
                {
                    // Without a pause: more steps than the bound.
                }
                break;
            case "use":
                _stage.Use(word, value => Late(thread, value), "");
                break;
            case "must":
                _stage.Use(word, value => value == Number(operation[2]), $"{operation[1]} is no longer {operation[2]}");
                break;
            default:
                return false;
        }
        return true;
    }

    private object? PerformOther(string[] operation, Source source, StringBuilder results)
    {
        (string member, int line) = source;
        ModelThread thread = ModelThread.Current;
        switch (operation[0])
        {
            case "fence": Fence.Full(member, line); return null;
            case "read-fence": Fence.Read(member, line); return null;
            case "write-fence": Fence.Write(member, line); return null;
            case "all-fence": _execution.ProcessWideFence(thread, source); return null;
            case "enter": _lock.Enter(member, line); return null;
            case "try-enter": return Hold(thread, _lock.TryEnter(member, line));
            case "exit": _lock.Exit(member, line); return null;
            case "exit-if":
                if (Hold(thread, false, out bool held) && held)
                    _lock.Exit(member, line);
                return null;
            case "sleep": return _parker.Park(Number(operation[1]), member, line);
            case "unpark": _parker.Unpark(member, line); return null;
            case "pause": _execution.Pause(thread); return null;
            case "interrupt": _stage.Interrupt(_execution.Thread(Number(operation[1]))); return null;
            case "signal": _signal.Set(); return null;
            case "await": _signal.Wait(); return null;
            case "ghost": return _ghost.Read();
            case "haunt": _ghost.Write(Number(operation[1])); return null;
            case "see": return _ghost.Use();
            case "put": _ghost.Set(Number(operation[1])); return null;
            case "late": _ghost.Use(value => Late(thread, value), ""); return null;
            case "late-must": _ghost.Use(value => value == Number(operation[1]), $"the ghost is no longer {operation[1]}"); return null;
            case "complete":
                _execution.Complete(thread, _done, source);
                _source.TrySetResult();
                return null;
            case "look":
                _execution.LookAt(thread, _done, source);
                return _source.Task.IsCompleted;
            case "wait": return _execution.WaitFor(thread, _done, _source.Task, TimeSpan.FromMilliseconds(Number(operation[1])), source, interruptible: operation.Length == 2);
            case "alive": return _execution.IsAlive(thread, _execution.Thread(Number(operation[1])), source);
            case "start":
                _execution.StartSpare(thread, () => results.Append(CultureInfo.InvariantCulture, $"started {NativeWord.Add((long*)_words["x"], 10, "spare", 1)} "), source);
                return null;
            case "section": return _execution.AddInSection(thread, (long*)_words["m"], Number(operation[1]), restartsWhenMoved: true, restartsWhenFenced: true, source);
            case "section-moved": return _execution.AddInSection(thread, (long*)_words["m"], Number(operation[1]), restartsWhenMoved: false, restartsWhenFenced: true, source);
            case "section-fenced": return _execution.AddInSection(thread, (long*)_words["m"], Number(operation[1]), restartsWhenMoved: true, restartsWhenFenced: false, source);
            case "restart": _execution.RestartSections(thread, source); return null;
            case "link": return _fields.Link.Read(member, line) ?? "null";
            case "link-store": _fields.Link.Write(operation[1], member, line); return null;
            case "link-swap": return _fields.Link.Exchange(operation[1], member, line) ?? "null";
            case "link-cas": return _fields.Link.CompareExchange(operation[2], string.Intern(operation[1]), member, line) ?? "null";
            case "reference": _execution.BeginReference(thread, StepKind.LoadReference, typeof(string), writes: false, source); return null;
            case "reference-store": _execution.BeginReference(thread, StepKind.StoreReference, typeof(string), writes: true, source); return null;
            case "reference-other": _execution.BeginReference(thread, StepKind.CompareExchangeReference, typeof(object), writes: true, source); return null;
            case "allocate": return _execution.BeginAllocation(thread, throws: operation.Length > 1);
            case "let-go": _execution.Collector.LetGo(_fields); return null;
            case "gone": return (_execution.Collector.HasLetGo(_fields), _execution.Collector.Collections);
            case "throw": throw new InvalidOperationException("Thrown.");
            default: throw new FormatException(string.Join(' ', operation));
        }
    }

    private bool Hold(ModelThread thread, bool holds) => _holds[thread.Id + 1] = holds;

    private bool Hold(ModelThread thread, bool holds, out bool before)
    {
        before = _holds[thread.Id + 1];
        _holds[thread.Id + 1] = holds;
        return true;
    }

    private bool Late(ModelThread thread, long value)
    {
        _results[thread.Id < 0 ? _results.Length - 1 : thread.Id].Append(CultureInfo.InvariantCulture, $"late {value} ");
        return true;
    }
}
