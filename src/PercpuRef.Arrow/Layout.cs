using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>Where Arrow's stream of messages lies in a file: between a magic and a footer, or all of it.</summary>
/// <param name="Head">The schema as a message, where it is taken from the footer. It need not stand before the batches: the
/// JavaScript implementation writes it into the footer alone. Where it stands there too, the reader passes over it.</param>
/// <param name="Start">First byte of the stream.</param>
/// <param name="End">Behind its last byte.</param>
internal sealed record Layout(byte[] Head, long Start, long End)
{
    private const int HeadBytes = 8, TailBytes = 10; // "ARROW1" and two of padding; the footer's length and "ARROW1".

    internal bool IsStream => Start == 0;

    private static ReadOnlySpan<byte> Magic => "ARROW1"u8;

    /// <exception cref="InvalidDataException">The footer is damaged, or there is none.</exception>
    internal static Layout Of(MappedFile file)
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        if (!file.TryReadBytes(0, magic) || !magic.SequenceEqual(Magic))
            return new Layout([], 0, file.Length);
        long footerEnd = file.Length - TailBytes;
        if (footerEnd < HeadBytes)
            throw new InvalidDataException($"{file}: an Arrow file that ends in its head.");
        file.ReadBytes(footerEnd + sizeof(int), magic);
        if (!magic.SequenceEqual(Magic))
            throw new InvalidDataException($"{file}: the Arrow file does not end in ARROW1. It was cut, or is being written.");
        int length = file.ReadLittleEndian<int>(footerEnd);
        if (length <= 0 || length > footerEnd - HeadBytes)
            throw new InvalidDataException($"{file}: the footer of the Arrow file has {length} bytes by its length; 1 to {footerEnd - HeadBytes} are possible.");
        byte[] footer = new byte[length];
        file.ReadBytes(footerEnd - length, footer);
        try
        {
            return new Layout(SchemaMessage.FromFooter(footer), HeadBytes, footerEnd - length);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{file}: the footer of the Arrow file is damaged: {exception.Message}", exception);
        }
    }
}
