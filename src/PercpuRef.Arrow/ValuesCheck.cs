using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Percpu.Arrow;

/// <summary>Looks at what a batch says of where its texts and lists begin and end, which Arrow's arrays believe: a text that
/// begins outside of its column is read there.</summary>
internal sealed class ValuesCheck
{
    private readonly HashSet<ArrayData> _dictionaries = new(ReferenceEqualityComparer.Instance); // One serves many batches.

    /// <exception cref="InvalidDataException">Damage.</exception>
    internal void Check(RecordBatch batch)
    {
        foreach (IArrowArray column in batch.Arrays)
        {
            if (column.Length != batch.Length)
                throw new InvalidDataException($"A column of {column.Length} rows in a batch of {batch.Length}.");
            Check(column.Data);
        }
    }

    private void Check(ArrayData data)
    {
        switch (data.DataType.TypeId)
        {
            case ArrowTypeId.String or ArrowTypeId.Binary:
                CheckOffsets<int>(data, data.Buffers[2].Length);
                break;
            case ArrowTypeId.LargeString or ArrowTypeId.LargeBinary:
                CheckOffsets<long>(data, data.Buffers[2].Length);
                break;
            case ArrowTypeId.List or ArrowTypeId.Map:
                CheckOffsets<int>(data, data.Children[0].Length);
                break;
            case ArrowTypeId.LargeList:
                CheckOffsets<long>(data, data.Children[0].Length);
                break;
            case ArrowTypeId.Dictionary when data.Dictionary is { } dictionary && _dictionaries.Add(dictionary):
                Check(dictionary);
                break;
        }
        foreach (ArrayData child in data.Children ?? [])
            Check(child);
    }

    // They rise, from 0 or more to no more than there is.
    private static void CheckOffsets<T>(ArrayData data, long length)
        where T : unmanaged, INumber<T>
    {
        if (data.Length == 0)
            return;
        ReadOnlySpan<T> offsets = MemoryMarshal.Cast<byte, T>(data.Buffers[1].Span);
        if (offsets.Length <= data.Length)
            throw new InvalidDataException($"{offsets.Length} offsets in a column of {data.Length} rows.");
        offsets = offsets[..(data.Length + 1)];
        bool rises = T.Sign(offsets[0]) >= 0 && long.CreateChecked(offsets[^1]) <= length;
        int i = 1;
        for (; rises && i <= offsets.Length - Vector<T>.Count; i += Vector<T>.Count)
            rises = Vector.LessThanOrEqualAll(new Vector<T>(offsets[(i - 1)..]), new Vector<T>(offsets[i..]));
        for (; rises && i < offsets.Length; i++)
            rises = offsets[i - 1] <= offsets[i];
        if (!rises)
            throw new InvalidDataException($"Offsets of a column of {data.DataType.Name} that fall, or lead outside of its {length} values: from {offsets[0]} to {offsets[^1]}.");
    }
}
