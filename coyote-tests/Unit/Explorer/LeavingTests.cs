using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer;

/// <summary>What threads do that leave an execution which was given up: their finally blocks work on, without steps, until one would wait.</summary>
public sealed unsafe class LeavingTests
{
    [Theory]
    [InlineData("a4")]
    [InlineData("b2a4")]
    public void A_finally_block_works_on_until_it_would_wait(string choices)
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        var stage = new Stage(execution, 0);
        long* word = stage.Word("word"), free = stage.Word("free"), held = stage.Word("held");
        Signal never = stage.Signal("never");
        var done = new List<string>();
        ModelThread failing = stage.NewThread("failing", () =>
        {
            try
            {
                ModelThread thread = ModelThread.Current;
                thread.Execution.EnterLock(thread, held, default);
                NativeWord.Write(word, 1);
                stage.Check(false, "Given up.");
            }
            finally
            {
                Leave("failing");
            }
        });
        stage.NewThread("other", () =>
        {
            try
            {
                NativeWord.Read(word);
                NativeWord.Read(word);
                done.Add("other went on");
            }
            finally
            {
                Leave("other");
            }
        });
        Worker.RunWaiting("the end of an execution", () => execution.Run(new ReplaySearch(Trace.Parse($"leaving:0:sc:{choices}")), 100));
        Assert.Equal("check: Given up.", $"{execution.Violation?.Kind}: {execution.Violation?.Message}");
        string[] failed = ["failing read", "failing added", "failing locked"], left = ["other read", "other added", "other locked"];
        Assert.Equal(choices[0] == 'a' ? failed : [.. failed, .. left], done);
        Assert.Equal(choices[0] == 'a' ? 11 : 21, *word);
        Assert.Equal((0, 1), (*free, *held));
        Assert.Equal(choices[0] == 'a' ? 3 : 5, execution.StepCount);
        Assert.True(failing.Ended && execution.Thread(1).Ended == (choices[0] != 'a'));

        void Leave(string who)
        {
            ModelThread thread = ModelThread.Current;
            NativeWord.Read(word);
            done.Add($"{who} read");
            NativeWord.Add(word, 10);
            done.Add($"{who} added");
            thread.Execution.EnterLock(thread, free, default); // Free: it does not wait.
            thread.Execution.ExitLock(thread, free, default);
            done.Add($"{who} locked");
            if (who == "failing")
                never.Wait();
            else
                thread.Execution.EnterLock(thread, held, default);
            done.Add($"{who} did not wait");
        }
    }
}
