namespace Percpu.Interleavings.Model;

/// <summary>Names and values of words for people, from what the scenario has named.</summary>
internal sealed class WordNames(Execution execution)
{
    /// <summary>What knows more than addresses, if there is any.</summary>
    internal static WordNaming? Naming { get; set; }

    internal string NameOf(int number)
    {
        long key = execution.Words.KeyOf(number);
        if (key >= 0)
            return (key & 1) != 0 ? "sleepers on " + NameOfAddress(key - 1) : NameOfAddress(key);
        if (execution.GhostNames.TryGetValue(key, out string? name))
            return name;
        var space = (KeySpace)((key >> 32) & 0xFF);
        int index = (int)key;
        return space switch
        {
            KeySpace.Life => $"life of {execution.Thread(index).Name}",
            KeySpace.Buffer => $"store buffer of {execution.Thread(index).Name}",
            KeySpace.References => "managed references",
            KeySpace.Interrupts => $"interrupt of {execution.Thread(index).Name}",
            _ => $"{space} {index}".ToLowerInvariant(),
        };
    }

    internal string NameOfAddress(long address)
    {
        foreach ((object thing, string name) in execution.Names)
        {
            string? field = thing is long word ? (word == address ? "" : null) : Naming?.FieldOf(thing, address);
            if (field is not null)
                return field.Length == 0 ? name : $"{name}.{field}";
        }
        if (execution.Heap.IndexOfWord(address) is >= 0 and int index)
            return $"word{index}";
        if (execution.Heap.Find(address) is not { } block)
            return $"{address:x}";
        return Naming?.NameOf(execution, address) ?? $"block{execution.Heap.IndexOf(block)}+{address - block.Start:x}";
    }

    /// <summary>A value in the form that its word has.</summary>
    internal string ValueOf(int number, long value) =>
        execution.ReferenceWords.Contains(execution.Words.KeyOf(number)) ? NameOfObject(value) : Naming?.ValueOf(NameOf(number), value) ?? (value is > -1000000 and < 1000000 ? $"{value}" : $"0x{value:x}");

    private string NameOfObject(long number) => execution.ObjectOf(number) is { } thing ? $"{thing.GetType().Name}#{number}" : "null";
}
