using System.Buffers;
using System.Buffers.Binary;
using Percpu.Arrow;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

/// <summary>The stream that Arrow's reader reads from, as that reads: a mark, a length, a message, a body into its own place.</summary>
public sealed class InPlaceStreamTests
{
    [Theory]
    [InlineData("javascript.arrow")]
    [InlineData("javascript.arrows")]
    [InlineData("rust-parquet.arrows")]
    public unsafe void Messages_are_copied_and_bodies_stay_where_they_are(string name)
    {
        using var file = MappedFile.OpenRead(ArrowFiles.Fixture(name));
        Layout layout = Layout.Of(file);
        byte[] all = [.. layout.Head, .. System.IO.File.ReadAllBytes(ArrowFiles.Fixture(name))[(int)layout.Start..(int)layout.End]];
        using HeldPin pin = file.Hold();
        using var stream = new InPlaceStream(pin, layout.Head, layout.Start, layout.End);
        int position = 0, messages = 0, bodies = 0;
        byte[] Next(int count)
        {
            byte[] bytes = new byte[count];
            Assert.Equal(Math.Min(count, all.Length - position), stream.Read(bytes, 0, count));
            Assert.Equal(all.AsSpan(position, Math.Min(count, all.Length - position)), bytes.AsSpan(0, Math.Min(count, all.Length - position)));
            position += Math.Min(count, all.Length - position);
            return bytes;
        }

        while (position < all.Length)
        {
            Assert.Equal(-1, BinaryPrimitives.ReadInt32LittleEndian(Next(4)));
            int length = BinaryPrimitives.ReadInt32LittleEndian(Next(4));
            if (length == 0)
                break; // The end of the stream.
            int body = (int)MessageCheck.Check(Next(length));
            messages++;
            if (body == 0)
                continue;
            bodies++;
            using IMemoryOwner<byte> place = stream.Bodies.Allocate(body);
            Assert.Equal(body, place.Memory.Length);
            long inFile = layout.Start + position - layout.Head.Length;
            fixed (byte* first = place.Memory.Span)
                Assert.Equal((nint)pin.GetPointer(inFile, body), (nint)first);
            Assert.Equal(body, stream.Read(place.Memory.Span)); // Of itself: nothing is copied.
            Assert.Equal(all.AsSpan(position, body), place.Memory.Span);
            position += body;
            using IMemoryOwner<byte> unpacked = stream.Bodies.Allocate(body);
            fixed (byte* first = unpacked.Memory.Span)
                Assert.NotEqual((nint)pin.GetPointer(inFile, body), (nint)first);
            unpacked.Memory.Span.Fill(1); // Memory of its own: the file's is not writable.
        }
        Assert.True(messages > bodies && bodies > 0, $"{messages} messages, {bodies} bodies.");
        int left = all.Length - position;
        Assert.Equal(left, stream.Read(new byte[left + 100], 0, left + 100));
        Assert.Equal(0, stream.Read(new byte[10], 0, 10));
    }

    [Fact]
    public void A_length_that_leads_behind_the_end_is_refused_and_one_up_to_it_is_not()
    {
        using var folder = new TempFolder();
        byte[] bytes = new byte[64];
        Assert.Equal("A message of -2 bytes at 12; 48 bytes are left.", Refused(-2));
        Assert.Equal("A message of -2147483648 bytes at 12; 48 bytes are left.", Refused(int.MinValue));
        Assert.Equal("A message of 49 bytes at 12; 48 bytes are left.", Refused(49));
        Assert.Null(Refused(48));
        Assert.Null(Refused(0));
        Assert.Null(Refused(-1)); // The mark.

        string? Refused(int length)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), length);
            System.IO.File.WriteAllBytes(folder.At("f"), bytes);
            using var file = MappedFile.OpenRead(folder.At("f"));
            using HeldPin pin = file.Hold();
            using var stream = new InPlaceStream(pin, [], 8, 60);
            return Record.Exception(() => stream.Read(new byte[4], 0, 4)) is { } exception ? Assert.IsType<InvalidDataException>(exception).Message : null;
        }
    }

    [Fact]
    public void A_head_comes_before_the_bytes_of_the_file_and_ends_a_read()
    {
        using var folder = new TempFolder();
        byte[] bytes = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];
        System.IO.File.WriteAllBytes(folder.At("f"), bytes);
        using var file = MappedFile.OpenRead(folder.At("f"));
        using HeldPin pin = file.Hold();
        using var stream = new InPlaceStream(pin, [1, 2, 3, 4, 5], 8, 20);
        byte[] buffer = new byte[16];
        // Reads of less than four bytes are no lengths.
        Assert.Equal([1, 2, 3], Read(3));
        Assert.Equal([4, 5], Read(3));
        Assert.Equal([108, 109], Read(2));
        Assert.Equal([110, 111, 112], Read(3));
        Assert.Equal([], Read(0));
        Assert.Equal([113, 114], Read(2));
        Assert.Equal([115, 116, 117], Read(3));
        Assert.Equal([118, 119], Read(3));
        Assert.Equal([], Read(3));
        Assert.Equal((true, false, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));

        byte[] Read(int count)
        {
            buffer.AsSpan().Fill(0xEE);
            int read = stream.Read(buffer, 1, count);
            Assert.Equal((0xEE, 0xEE), (buffer[0], buffer[read + 1]));
            return buffer[1..(read + 1)];
        }
    }
}
