using System.Buffers.Binary;

namespace Percpu.Arrow;

/// <summary>A message that holds the schema of a footer: a table of FlatBuffers around the footer as it stands, which points
/// to the schema inside of it. Offsets in FlatBuffers are relative and lead forward, so nothing else has to change.</summary>
internal static class SchemaMessage
{
    private const int SchemaField = 1; // In the footer's table: version, schema, dictionaries, batches.
    private const int TablePlace = 16, FooterPlace = 32, PrefixBytes = 8;
    private const short Version5 = 4;
    private const byte SchemaHeader = 1;

    /// <exception cref="InvalidDataException">The footer has no schema, or an offset leads outside of it.</exception>
    internal static byte[] FromFooter(ReadOnlySpan<byte> footer)
    {
        if (!FlatTable.Root(footer).TryTable(SchemaField, out FlatTable table))
            throw new InvalidDataException("The footer has no schema.");
        int length = (FooterPlace + footer.Length + 7) & -8;
        byte[] bytes = new byte[PrefixBytes + length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, -1); // The mark before the length.
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), length);
        Span<byte> message = bytes.AsSpan(PrefixBytes);
        BinaryPrimitives.WriteInt32LittleEndian(message, TablePlace);
        // What the table has, and where in it: version, kind of header, header. The length of the body is 0 when absent.
        ReadOnlySpan<short> fields = [10, 11, 8, 10, 4];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(message[(4 + i * sizeof(short))..], fields[i]);
        Span<byte> head = message[TablePlace..];
        BinaryPrimitives.WriteInt32LittleEndian(head, TablePlace - 4);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], FooterPlace + table.Place - (TablePlace + 4));
        BinaryPrimitives.WriteInt16LittleEndian(head[8..], Version5);
        head[10] = SchemaHeader;
        footer.CopyTo(message[FooterPlace..]);
        return bytes;
    }
}
