using Percpu.Arrow;
using static Percpu.HostTests.Arrow.FlatWriter;

namespace Percpu.HostTests.Arrow;

/// <summary>What a message may say of itself, up to the last number that is possible.</summary>
public sealed class MessageCheckTests
{
    private const byte Schema = 1, Dictionary = 2, Batch = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void A_body_has_as_many_bytes_as_Arrow_can_address(long body)
    {
        Assert.Equal(body, MessageCheck.Check(Write(Message(Batch, Of(), body))));
        Assert.Equal(0, MessageCheck.Check(Write(new Table(null, Batch, Of()))));
        MustRefuse("bytes of a body; 0 to 2147483647", Message(Batch, Of(), -1), Message(Batch, Of(), int.MaxValue + 1L), Message(Schema, null, -1));
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData(Dictionary)]
    public void Rows_and_nulls_fit_into_32_bits_and_into_each_other(byte kind)
    {
        MustPass(In(kind, Of(rows: int.MaxValue, nodes: [int.MaxValue, int.MaxValue, 5, 5, 0, 0])));
        MustRefuse(" rows; 0 to 2147483647", In(kind, Of(rows: -1)), In(kind, Of(rows: int.MaxValue + 1L)));
        MustRefuse(" rows of a column; 0 to 2147483647", In(kind, Of(nodes: [-1, 0])), In(kind, Of(nodes: [5, 0, int.MaxValue + 1L, 0])));
        MustRefuse(" nulls of a column; 0 to 5", In(kind, Of(nodes: [5, 6])), In(kind, Of(nodes: [0, 0, 5, -1])));
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData(Dictionary)]
    public void Buffers_lie_in_the_body(byte kind)
    {
        MustPass(In(kind, Of(buffers: [0, 100, 100, 0, 40, 60])));
        MustRefuse(" the place of a buffer in a body; 0 to 100", In(kind, Of(buffers: [101, 0])), In(kind, Of(buffers: [0, 0, -1, 0])));
        MustRefuse(" bytes of a buffer; 0 to 60", In(kind, Of(buffers: [40, 61])), In(kind, Of(buffers: [0, 0, 40, -1])));
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData(Dictionary)]
    public void Columns_have_no_more_buffers_than_there_are(byte kind)
    {
        MustPass(In(kind, Of(buffers: [0, 0, 0, 0, 0, 0], counts: [3])));
        MustPass(In(kind, Of(buffers: [0, 0, 0, 0, 0, 0], counts: [1, 0, 2])));
        MustRefuse(" buffers of a column; 0 to 3", In(kind, Of(buffers: [0, 0, 0, 0, 0, 0], counts: [4])), In(kind, Of(buffers: [0, 0, 0, 0, 0, 0], counts: [-1])));
        MustRefuse(" buffers of a column; 0 to 1", In(kind, Of(buffers: [0, 0, 0, 0, 0, 0], counts: [2, 2])));
        MustRefuse(" buffers of a column; 0 to 0", In(kind, Of(counts: [1])));
    }

    [Fact]
    public void Each_header_is_looked_at_as_what_its_kind_says()
    {
        Table wrong = Of(rows: -1);
        MustPass(Message(0, wrong, 100), Message(4, wrong, 100), Message(Schema, wrong, 100), new Table(null, null, wrong), Message(Batch, null, 0), Message(Dictionary, new Table(1L), 0));
        MustRefuse("rows", Message(Batch, wrong, 100), Message(Dictionary, new Table(1L, wrong), 100));
    }

    [Fact]
    public void Lists_end_inside_of_the_message()
    {
        foreach (Table batch in (Table[])[Lying(1, new Values(3, 1, 0)), Lying(2, new Values(3, 1, 0)), Lying(4, new Values(7, 0)), Lying(1, new Values(-1, 1, 0))])
            MustRefuse("leads outside", Message(Batch, batch, 100));
        MustRefuse("leads outside", Message(Schema, new Table(null, new Values(100, 0)), 0));

        static Table Lying(int field, Values values)
        {
            var batch = Of();
            batch.Fields[field] = values;
            return batch;
        }
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused_if_at_all_as_damage()
    {
        byte[] whole = Write(Message(Schema, Fields(Field(Field(Field()))), 0));
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Exception? refused = Record.Exception(() => MessageCheck.Check(cut));
            Assert.True(refused is InvalidDataException or null, $"{length} of {whole.Length} bytes: {refused}");
        }
        Assert.Throws<InvalidDataException>(() => MessageCheck.Check(new byte[100])); // An offset of 0 leads to itself.
    }

    [Fact]
    public void A_schema_has_at_most_so_many_fields_also_where_lists_share_them()
    {
        const int Most = ushort.MaxValue * sizeof(int);
        Table shared = Field();
        MustPass(Message(Schema, Fields([.. Enumerable.Repeat(shared, Most)]), 0));
        MustPass(Message(Schema, Fields(Field([.. Enumerable.Repeat(shared, Most - 1)])), 0));
        MustRefuse("more fields than a schema has", Message(Schema, Fields([.. Enumerable.Repeat(shared, Most + 1)]), 0));
        MustRefuse("more fields than a schema has", Message(Schema, Fields(Field([.. Enumerable.Repeat(shared, Most)])), 0));
        MustRefuse("more fields than a schema has", Message(Schema, Fields([.. Enumerable.Repeat(Field(shared), Most / 2 + 1)]), 0));
    }

    [Fact]
    public void Fields_lie_at_most_64_deep_inside_each_other()
    {
        MustPass(Message(Schema, Fields(Nested(64)), 0));
        MustRefuse("More than 64 fields inside each other", Message(Schema, Fields(Nested(65)), 0));
        MustRefuse("More than 64 fields inside each other", Message(Schema, Fields(Field(), Field(Field(), Nested(64))), 0));

        static Table Nested(int levels) => levels == 1 ? Field() : Field(Nested(levels - 1));
    }

    [Fact]
    public void The_list_of_a_unions_kinds_ends_inside_and_of_other_types_it_is_not_looked_at()
    {
        const byte Union = 14;
        MustPass(Message(Schema, Fields(OfType(Union, new Values(2, 1))), 0), Message(Schema, Fields(OfType(Union - 1, new Values(9, 1))), 0), Message(Schema, Fields(OfType(null, new Values(9, 1))), 0));
        MustRefuse("leads outside", Message(Schema, Fields(OfType(Union, new Values(9, 1))), 0), Message(Schema, Fields(Field(), Field(OfType(Union, new Values(9, 1)))), 0));

        static Table OfType(byte? kind, Values list) => new(null, null, kind, new Table(0L, list));
    }

    private static Table Message(byte kind, Table? header, long body) => new(null, kind, header, body);

    private static Table In(byte kind, Table batch) => Message(kind, kind == Dictionary ? new Table(1L, batch) : batch, 100);

    private static Table Of(long rows = 0, long[]? nodes = null, long[]? buffers = null, long[]? counts = null) =>
        new(rows, Pairs(nodes), Pairs(buffers), null, counts is null ? null : new Values(counts.Length, counts));

    private static Values? Pairs(long[]? numbers) => numbers is null ? null : new Values(numbers.Length / 2, numbers);

    private static Table Fields(params Table[] fields) => new(null, fields);

    private static Table Field(params Table[] children) => new(null, null, null, null, null, children);

    private static void MustPass(params Table[] messages) => Assert.All(messages, message => MessageCheck.Check(Write(message)));

    private static void MustRefuse(string why, params Table[] messages) => Assert.All(messages, message =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => MessageCheck.Check(Write(message))).Message, StringComparison.Ordinal));
}
