using System.Buffers.Binary;

namespace Percpu.Arrow;

/// <summary>A table of FlatBuffers, read with every offset checked: it leads forward and stays inside of the bytes.</summary>
internal readonly ref struct FlatTable
{
    private const int FirstField = 4; // In the list of the fields' places, behind two lengths.

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _fields; // Where that list is.

    private FlatTable(ReadOnlySpan<byte> bytes, int place)
    {
        _bytes = bytes;
        Place = place;
        _fields = checked(place - BinaryPrimitives.ReadInt32LittleEndian(bytes[place..]));
        _ = bytes.Slice(_fields, FieldsLength);
    }

    /// <summary>Its first byte.</summary>
    internal int Place { get; }

    private int FieldsLength => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[_fields..]);

    /// <exception cref="InvalidDataException">An offset leads outside.</exception>
    internal static FlatTable Root(ReadOnlySpan<byte> bytes) => At(bytes, 0);

    /// <summary>A field that is a number of so many bytes; empty where it is absent.</summary>
    /// <exception cref="InvalidDataException">It lies outside.</exception>
    internal ReadOnlySpan<byte> Value(int field, int size)
    {
        int place = PlaceOf(field);
        return place == 0 ? [] : Slice(_bytes, place, size);
    }

    /// <summary>A field that is an 8-byte number; 0 where it is absent.</summary>
    /// <inheritdoc cref="Value" path="/exception"/>
    internal long Int64(int field) => Value(field, sizeof(long)) is { Length: > 0 } value ? BinaryPrimitives.ReadInt64LittleEndian(value) : 0;

    /// <summary>A field that is a table.</summary>
    /// <returns>False where it is absent.</returns>
    /// <inheritdoc cref="Value" path="/exception"/>
    internal bool TryTable(int field, out FlatTable table)
    {
        int place = PlaceOf(field);
        table = place == 0 ? default : At(_bytes, place);
        return place != 0;
    }

    /// <summary>A field that is a list of values of so many bytes; empty where it is absent.</summary>
    /// <exception cref="InvalidDataException">It does not end inside.</exception>
    internal ReadOnlySpan<byte> Values(int field, int size) => Values(field, size, out _);

    /// <summary>An element of a field that is a list of tables.</summary>
    /// <inheritdoc cref="Value" path="/exception"/>
    internal FlatTable Element(int field, int index)
    {
        _ = Values(field, sizeof(int), out int place);
        return At(_bytes, place + index * sizeof(int));
    }

    private static FlatTable At(ReadOnlySpan<byte> bytes, int place)
    {
        int target = Follow(bytes, place);
        try
        {
            return new FlatTable(bytes, target);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw Outside(bytes, target);
        }
    }

    private static int Follow(ReadOnlySpan<byte> bytes, int place)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(Slice(bytes, place, sizeof(uint)));
        return offset > 0 && place + (long)offset < bytes.Length ? place + (int)offset : throw Outside(bytes, place);
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> bytes, int place, long length) =>
        length <= bytes.Length - place ? bytes.Slice(place, (int)length) : throw Outside(bytes, place);

    private static InvalidDataException Outside(ReadOnlySpan<byte> bytes, int place) =>
        new($"What is told at byte {place} leads outside of the {bytes.Length} bytes of the message.");

    private ReadOnlySpan<byte> Values(int field, int size, out int start)
    {
        int place = start = PlaceOf(field);
        if (place == 0)
            return [];
        int list = Follow(_bytes, place);
        start = list + sizeof(int);
        return Slice(_bytes, start, (long)BinaryPrimitives.ReadUInt32LittleEndian(Slice(_bytes, list, sizeof(uint))) * size);
    }

    private int PlaceOf(int field)
    {
        int entry = FirstField + field * sizeof(short);
        if (entry + sizeof(short) > FieldsLength)
            return 0;
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(_fields + entry)..]);
        return offset == 0 ? 0 : offset < _bytes.Length - Place ? Place + offset : throw Outside(_bytes, Place);
    }
}
