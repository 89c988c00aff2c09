using System.Buffers.Binary;

namespace Percpu.HostTests.Arrow;

/// <summary>Writes messages of FlatBuffers as a test wants them, also such as no writer writes.</summary>
internal sealed class FlatWriter
{
    private readonly List<byte> _bytes = [];
    private readonly Dictionary<Table, int> _written = [];

    /// <summary>A message.</summary>
    internal static byte[] Write(Table root)
    {
        var writer = new FlatWriter();
        writer._bytes.AddRange(new byte[sizeof(int)]);
        writer.Refer(0, writer.Put(root));
        return [.. writer._bytes];
    }

    private int Put(Table table)
    {
        if (_written.TryGetValue(table, out int written))
            return written;
        int list = _bytes.Count, count = table.Fields.Length, place = list + sizeof(int) + count * sizeof(short);
        Put((short)(sizeof(int) + count * sizeof(short)), (short)(sizeof(int) + count * sizeof(long)));
        for (int i = 0; i < count; i++)
            Put((short)(table.Fields[i] is null ? 0 : PlaceIn(i)));
        _bytes.AddRange(BitConverter.GetBytes(place - list));
        foreach (object? field in table.Fields)
            _bytes.AddRange(BitConverter.GetBytes(field switch { long number => number, byte number => number, _ => 0 }));
        for (int i = 0; i < count; i++)
        {
            int target = _bytes.Count;
            switch (table.Fields[i])
            {
                case Values values:
                    _bytes.AddRange([.. BitConverter.GetBytes(values.Count), .. values.Numbers.SelectMany(BitConverter.GetBytes)]);
                    break;
                case Table[] tables:
                    _bytes.AddRange(BitConverter.GetBytes(tables.Length));
                    _bytes.AddRange(new byte[tables.Length * sizeof(int)]);
                    for (int j = 0; j < tables.Length; j++)
                        Refer(target + (1 + j) * sizeof(int), Put(tables[j]));
                    break;
                case Table other:
                    target = Put(other);
                    break;
                default:
                    continue;
            }
            Refer(place + PlaceIn(i), target);
        }
        return _written[table] = place;
    }

    private static int PlaceIn(int field) => sizeof(int) + field * sizeof(long);

    private void Put(params short[] numbers) => _bytes.AddRange(numbers.SelectMany(BitConverter.GetBytes));

    private void Refer(int from, int target)
    {
        Span<byte> offset = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(offset, target - from);
        for (int i = 0; i < offset.Length; i++)
            _bytes[from + i] = offset[i];
    }

    /// <summary>A table by its fields in their order: a long, a byte, <see cref="Values"/>, a table, a list of tables, or null where it is absent. The same table
    /// in two places is written once.</summary>
    internal sealed class Table(params object?[] fields)
    {
        internal object?[] Fields { get; } = fields;
    }

    /// <summary>A list of numbers, and how many elements it says it has.</summary>
    internal sealed record Values(int Count, params long[] Numbers);
}
