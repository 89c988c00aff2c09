using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Running;

/// <summary>The steps of an execution for people.</summary>
internal static class Story
{
    internal static IReadOnlyList<string> Of(Execution execution)
    {
        var names = new WordNames(execution);
        var lines = new List<string>(execution.StepCount);
        for (int i = 0; i < execution.StepCount; i++)
            lines.Add(Tell(execution, names, i));
        return lines;
    }

    private static string Tell(Execution execution, WordNames names, int index)
    {
        ref readonly Step step = ref execution.StepAt(index);
        string what = Describe(names, step);
        string where = step.Source.Line > 0 ? $"{step.Source.Member}:{step.Source.Line}" : "";
        return $"{index,4}  {WhoOf(execution, step.Process),-22} {what,-58} {where}".TrimEnd();
    }

    private static string WhoOf(Execution execution, int process)
    {
        Processes processes = execution.Processes;
        if (processes.IsThread(process) || processes.IsEarly(process))
            return execution.Thread(processes.ThreadOf(process)).Name;
        return processes.IsLane(process)
            ? $"  buffer of {execution.Thread(processes.ThreadOf(process)).Name}"
            : $"  fence at {execution.Thread(processes.TargetOf(process)).Name}";
    }

    private static string Describe(WordNames names, in Step step)
    {
        if (step.Word < 0)
            return Verb(step.Kind);
        string word = names.NameOf(step.Word), value = names.ValueOf(step.Word, step.Value);
        return step.Kind switch
        {
            StepKind.Store or StepKind.Buffer or StepKind.Flush => $"{Verb(step.Kind)} {word} = {value}",
            StepKind.CompareExchange when step.Value == step.Before => $"compare-exchange {word} fails, is {value}",
            StepKind.CompareExchange or StepKind.Exchange or StepKind.FetchAdd =>
                $"{Verb(step.Kind)} {word} from {names.ValueOf(step.Word, step.Before)} to {value}",
            StepKind.TryEnterLock => $"{Verb(step.Kind)} {word} {(step.Value == 0 ? "fails" : "succeeds")}",
            StepKind.Older => $"{Verb(step.Kind)} {word}",
            StepKind.Load or StepKind.Take or StepKind.IsAlive or StepKind.BeginSection => $"{Verb(step.Kind)} {word} is {value}",
            _ => $"{Verb(step.Kind)} {word}",
        };
    }

    private static string Verb(StepKind kind) => kind switch
    {
        StepKind.CompareExchange => "compare-exchange",
        StepKind.FetchAdd => "add",
        StepKind.Buffer => "buffer",
        StepKind.Flush => "memory",
        StepKind.LoadReference => "load",
        StepKind.ExchangeReference => "exchange",
        StepKind.CompareExchangeReference => "compare-exchange",
        StepKind.BeginProcessWideFence => "process-wide fence begins",
        StepKind.EndProcessWideFence => "process-wide fence ends",
        StepKind.Acknowledge => "acknowledged",
        StepKind.EnterLock => "enter",
        StepKind.TryEnterLock => "try to enter",
        StepKind.ExitLock => "exit",
        StepKind.WakeAll => "wake",
        StepKind.WaitFor => "waited for",
        StepKind.LookAt => "look at",
        StepKind.IsAlive => "look at",
        StepKind.AwaitSignal => "waited for",
        StepKind.BeginUse => "use, now or later",
        StepKind.BeginSection => "section begins",
        StepKind.EndSection => "section ends",
        StepKind.RestartSections => "restart sections",
        StepKind.ReadFence => "read fence",
        StepKind.Older => "an older value of",
        StepKind.StartThread => "start a thread",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
