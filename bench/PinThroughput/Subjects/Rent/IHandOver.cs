namespace Percpu.PinThroughput.Subjects.Rent;

/// <summary>Rents a block on one thread and returns it on another. Implemented by structs, and the block is one, so that the
/// loops are compiled for each.</summary>
internal interface IHandOver<TBlock>
    where TBlock : struct
{
    /// <summary>Rents 4 KiB and writes a mark at its start.</summary>
    TBlock Rent(int mark);

    /// <summary>Returns it.</summary>
    /// <returns>The mark that it held.</returns>
    int Return(TBlock block);
}
