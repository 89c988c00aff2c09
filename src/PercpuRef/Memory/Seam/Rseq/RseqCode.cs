using System.Buffers.Binary;
using System.Globalization;

namespace Percpu.Memory;

/// <summary>
/// Machine code as it is put together: bytes, and beside each instruction its text as a disassembler would print it, which a
/// test compares. Jumps are written when their targets are known.
/// </summary>
internal sealed class RseqCode
{
    private readonly byte[] _bytes;
    private readonly List<(int At, string Text)> _listing = [];
    private readonly List<(int At, string Label, Action<int, int> Patch, Func<int, string> Text)> _references = [];
    private readonly Dictionary<string, int> _labels = [];

    internal RseqCode(int capacity) => _bytes = new byte[capacity];

    /// <summary>Where the next byte goes.</summary>
    internal int Here { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Here);

    /// <summary>Every instruction: where it stands and its text.</summary>
    internal IEnumerable<(int At, string Text)> Listing => _listing.OrderBy(static line => line.At);

    internal int this[string label] => _labels[label];

    internal void Label(string name) => _labels.Add(name, Here);

    internal void Align(int boundary) => Here = (Here + boundary - 1) / boundary * boundary;

    /// <summary>An instruction.</summary>
    internal void Add(string text, params ReadOnlySpan<byte> bytes)
    {
        _listing.Add((Here, text));
        bytes.CopyTo(_bytes.AsSpan(Here));
        Here += bytes.Length;
    }

    /// <summary>The instruction of four bytes, on machines where all are.</summary>
    internal void Add(string text, uint word)
    {
        _listing.Add((Here, text));
        Data(word);
    }

    /// <summary>An instruction that names a place: written by <paramref name="patch"/>(its own place, the target) in the end.</summary>
    internal void AddReference(int bytes, string label, Action<int, int> patch, Func<int, string> text)
    {
        _references.Add((Here, label, patch, text));
        Here += bytes;
    }

    /// <summary>Room for data that is put there later.</summary>
    internal void Skip(int bytes) => Here += bytes;

    internal void Data(uint value)
    {
        PutAt(Here, value);
        Here += sizeof(uint);
    }

    internal void Data(long value)
    {
        PutAt(Here, value);
        Here += sizeof(long);
    }

    internal void PutAt(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), value);

    internal void PutAt(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(at), value);

    internal void PutAt(int at, byte value) => _bytes[at] = value;

    /// <summary>Writes all that refers to a label of the code so far, and forgets the labels that begin with a dot.</summary>
    internal void Resolve()
    {
        foreach ((int at, string label, Action<int, int> patch, Func<int, string> text) in _references)
        {
            patch(at, _labels[label]);
            _listing.Add((at, text(_labels[label])));
        }
        _references.Clear();
        foreach (string local in _labels.Keys.Where(static label => label.StartsWith('.')).ToArray())
            _labels.Remove(local);
    }

    internal static string Hex(long value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
