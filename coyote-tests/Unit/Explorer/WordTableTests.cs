using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer;

/// <summary>The numbers of the words of an execution, and which values of a field are places of words.</summary>
public sealed unsafe class WordTableTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Each_key_has_a_number_of_its_own_and_keeps_it_however_many_come()
    {
        const int Keys = 20_000;
        var table = new WordTable();
        int found = 0;
        string? wrong = null;
        var thread = new Thread(() =>
        {
            for (int round = 0; round < 2; round++)
            {
                for (int i = 0; i < Keys && wrong is null; i++)
                {
                    long key = i % 2 == 0 ? 0x7000_0000_0000 + i * 8 : WordTable.Key(KeySpace.Ghost, i);
                    int number = table.Find(key);
                    if (number != i || table.KeyOf(number) != key)
                        wrong = $"Key {i} has number {number}, which is that of {table.KeyOf(number):x}.";
                    Volatile.Write(ref found, round * Keys + i + 1);
                }
            }
        })
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Patience), $"It waits for the number of key {Volatile.Read(ref found)}, which is never found.");
        Assert.Null(wrong);
        Assert.Equal((Keys, 2 * Keys), (table.Count, found));
    }

    [Fact]
    public void A_word_is_touched_in_one_execution_and_changed_by_those_who_change_it()
    {
        var table = new WordTable();
        table.StartExecution();
        int one = table.Find(8), other = table.Find(16);
        Assert.Equal((false, false), (table.IsTouched(one), table.IsTouched(other)));
        table.Touch(other);
        Assert.Equal((false, true), (table.IsTouched(one), table.IsTouched(other)));
        Assert.Equal([other], table.Touched);
        table.Change(other, 2);
        table.Change(other, 3);
        table.Change(other, 3);
        Assert.Equal([3, 3, 2, 1, 3], Enumerable.Range(0, Execution.MaxThreads).Select(thread => table.ChangesByOthers(other, thread)));
        table.MarkFreed(other);
        Assert.Equal((false, true), (table.IsFreed(one), table.IsFreed(other)));
        table.StartExecution();
        Assert.Empty(table.Touched);
        Assert.False(table.IsTouched(other));
        table.Touch(other);
        Assert.False(table.IsFreed(other));
        Assert.Equal(0, table.ChangesByOthers(other, 0));
    }

    [Fact]
    public void A_fields_value_is_the_place_of_a_word_only_if_there_is_such_a_word()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        long first = 5, second = 6;
        Assert.Null(WordHandles.Find(first));
        long* word = execution.Handles.Locate(ref first, default);
        Assert.Equal(5, *word);
        Assert.Same(execution.Handles, WordHandles.Find(first));
        Assert.Null(WordHandles.Find(first + 1)); // The next word's, which nobody has.
        long* next = execution.Handles.Locate(ref second, default);
        Assert.Equal((first + 1, 6), (second, *next));
        Assert.Same(execution.Handles, WordHandles.Find(second));
        Assert.Null(WordHandles.Find(second + 1));
        Assert.True(execution.Handles.Locate(ref first, default) == word && execution.Handles.Locate(ref second, default) == next);
        execution.Handles.Close();
        Assert.Same(execution.Handles, WordHandles.Find(second)); // What it was is still known.
        Assert.Null(WordHandles.Find(second + 1));
    }
}
