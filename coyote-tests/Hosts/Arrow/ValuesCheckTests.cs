using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Percpu.Arrow;

namespace Percpu.HostTests.Arrow;

/// <summary>Offsets of texts and lists rise from 0 or more to no more than there is, wherever in a column they do not.</summary>
public sealed class ValuesCheckTests
{
    private const int Rows = 37; // More than a vector has, and a rest.

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Offsets_rise_from_0_or_more_to_no_more_than_there_is(bool large)
    {
        Pass(large, Rising(0), bytes: Rows);
        Pass(large, Rising(5), bytes: Rows + 5);
        Pass(large, new long[Rows + 1], bytes: 0);
        Refuse(large, Rising(0), bytes: Rows - 1);
        Refuse(large, Rising(5), bytes: Rows + 4);
        long[] before = Rising(0);
        before[0] = -1;
        Refuse(large, before, bytes: Rows);
        for (int place = 1; place < Rows; place++)
        {
            long[] falling = Rising(2);
            falling[place] = falling[place - 1] - 1;
            Refuse(large, falling, bytes: Rows + 2);
            falling[place] = falling[place + 1] + 1;
            Refuse(large, falling, bytes: Rows + 2);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_column_has_an_offset_more_than_rows_and_one_without_rows_needs_none(bool large)
    {
        Pass(large, [.. Rising(0), -7], bytes: Rows); // Those behind the last row's are not looked at.
        Assert.Contains($"{Rows} offsets in a column of {Rows} rows.", Assert.Throws<InvalidDataException>(() => Check(Text(large, Rising(0)[..^1], Rows, Rows))).Message, StringComparison.Ordinal);
        Check(Text(large, [], rows: 0, bytes: 0));
    }

    [Fact]
    public void Lists_are_looked_at_with_their_children_and_dictionaries_once()
    {
        ArrayData good = Text(large: false, Rising(0), Rows, Rows), bad = Text(large: false, Rising(1), Rows, Rows);
        Check(List(good, Rising(0)));
        Assert.Throws<InvalidDataException>(() => Check(List(good, Rising(1))));
        Assert.Throws<InvalidDataException>(() => Check(List(bad, Rising(0))));
        var indices = new ArrayData(new DictionaryType(Int32Type.Default, StringType.Default, false), Rows, 0, 0, [ArrowBuffer.Empty, Buffer(large: false, new long[Rows])], null, bad);
        Assert.Throws<InvalidDataException>(() => Check(indices));
        var check = new ValuesCheck();
        check.Check(Batch(good));
        check.Check(Batch(good));
    }

    [Fact]
    public void Columns_have_as_many_rows_as_their_batch()
    {
        ArrayData column = Text(large: false, Rising(0), Rows, Rows);
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => new ValuesCheck().Check(Batch(column, rows: Rows - 1)));
        Assert.Contains($"A column of {Rows} rows in a batch of {Rows - 1}.", refused.Message, StringComparison.Ordinal);
    }

    private static long[] Rising(long first) => [.. Enumerable.Range(0, Rows + 1).Select(i => first + i)];

    private static void Pass(bool large, long[] offsets, int bytes) => Check(Text(large, offsets, Rows, bytes));

    private static void Refuse(bool large, long[] offsets, int bytes) => Assert.Contains(
        $"from {offsets[0]} to {offsets[Rows]}", Assert.Throws<InvalidDataException>(() => Check(Text(large, offsets, Rows, bytes))).Message, StringComparison.Ordinal);

    private static void Check(ArrayData column) => new ValuesCheck().Check(Batch(column));

    private static RecordBatch Batch(ArrayData column, int? rows = null) =>
        new(new Schema([new Field("c", column.DataType, true)], null), [ArrowArrayFactory.BuildArray(column)], rows ?? column.Length);

    private static ArrayData Text(bool large, long[] offsets, int rows, int bytes) =>
        new(large ? LargeStringType.Default : StringType.Default, rows, 0, 0, [ArrowBuffer.Empty, Buffer(large, offsets), new ArrowBuffer(new byte[bytes])]);

    private static ArrayData List(ArrayData values, long[] offsets) =>
        new(new ListType(values.DataType), Rows, 0, 0, [ArrowBuffer.Empty, Buffer(large: false, offsets)], [values]);

    private static ArrowBuffer Buffer(bool large, long[] offsets) => new(large
        ? MemoryMarshal.AsBytes<long>(offsets).ToArray()
        : MemoryMarshal.AsBytes<int>([.. offsets.Select(offset => (int)offset)]).ToArray());
}
