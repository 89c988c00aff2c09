using System.Buffers.Binary;

namespace Percpu.Arrow;

/// <summary>Looks at a message of Arrow's IPC before Arrow's reader does, which believes what it says: it allocates a list as long as
/// the message tells, cuts lengths of 64 bits down to 32, and follows offsets into children without an end.</summary>
internal static class MessageCheck
{
    private const int HeaderType = 1, Header = 2, BodyLength = 3; // Of the message.
    private const byte SchemaType = 1, DictionaryType = 2, BatchType = 3;
    private const int Rows = 0, Nodes = 1, Buffers = 2, VariadicCounts = 4; // Of a batch.
    private const int DictionaryData = 1;
    private const int SchemaFields = 1;
    private const int TypeKind = 2, Type = 3, Children = 5; // Of a field.
    private const byte UnionKind = 14;
    private const int UnionIds = 1;
    private const int PairBytes = 16; // A node: rows and nulls. A buffer: its place and length.
    private const int MostNesting = 64;

    /// <returns>Length of the body that follows.</returns>
    /// <exception cref="InvalidDataException">Damage.</exception>
    internal static long Check(ReadOnlySpan<byte> bytes)
    {
        FlatTable message = FlatTable.Root(bytes);
        long body = InRange(message.Int64(BodyLength), int.MaxValue, "bytes of a body");
        byte kind = message.Value(HeaderType, 1) is { Length: 1 } type ? type[0] : (byte)0;
        if (message.TryTable(Header, out FlatTable header))
        {
            if (kind == SchemaType)
                CheckSchema(header);
            else if (kind == BatchType)
                CheckBatch(header, body);
            else if (kind == DictionaryType && header.TryTable(DictionaryData, out FlatTable batch))
                CheckBatch(batch, body);
        }
        return body;
    }

    /// <exception cref="InvalidDataException">Damage.</exception>
    internal static void CheckSchema(FlatTable schema)
    {
        int fields = schema.Values(SchemaFields, sizeof(int)).Length / sizeof(int);
        int left = ushort.MaxValue * sizeof(int); // A field in several lists would make more of them than any file has.
        for (int i = 0; i < fields; i++)
            CheckField(schema.Element(SchemaFields, i), MostNesting, ref left);
    }

    private static void CheckField(FlatTable field, int nesting, ref int left)
    {
        if (nesting == 0 || --left < 0)
            throw new InvalidDataException($"More than {MostNesting} fields inside each other, or more fields than a schema has.");
        bool isUnion = field.Value(TypeKind, 1) is { Length: 1 } kind && kind[0] == UnionKind;
        if (field.TryTable(Type, out FlatTable type) && isUnion)
            _ = type.Values(UnionIds, sizeof(int));
        int children = field.Values(Children, sizeof(int)).Length / sizeof(int);
        for (int i = 0; i < children; i++)
            CheckField(field.Element(Children, i), nesting - 1, ref left);
    }

    private static void CheckBatch(FlatTable batch, long body)
    {
        InRange(batch.Int64(Rows), int.MaxValue, "rows");
        for (ReadOnlySpan<byte> nodes = batch.Values(Nodes, PairBytes); nodes.Length > 0; nodes = nodes[PairBytes..])
            InRange(Second(nodes), InRange(First(nodes), int.MaxValue, "rows of a column"), "nulls of a column");
        ReadOnlySpan<byte> buffers = batch.Values(Buffers, PairBytes);
        long left = buffers.Length / PairBytes;
        for (ReadOnlySpan<byte> counts = batch.Values(VariadicCounts, sizeof(long)); counts.Length > 0; counts = counts[sizeof(long)..])
            left -= InRange(First(counts), left, "buffers of a column");
        for (; buffers.Length > 0; buffers = buffers[PairBytes..])
            InRange(Second(buffers), body - InRange(First(buffers), body, "the place of a buffer in a body"), "bytes of a buffer");
    }

    private static long First(ReadOnlySpan<byte> pair) => BinaryPrimitives.ReadInt64LittleEndian(pair);

    private static long Second(ReadOnlySpan<byte> pair) => BinaryPrimitives.ReadInt64LittleEndian(pair[sizeof(long)..]);

    private static long InRange(long value, long most, string what) => value >= 0 && value <= most
        ? value
        : throw new InvalidDataException($"{value} {what}; 0 to {most} are possible.");
}
