using System.Numerics;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>A number that changes with anything that was added, the same on every machine.</summary>
internal sealed class Digest
{
    private ulong _value = 1469598103934665603;

    internal void Add(long value) => _value = BitOperations.RotateLeft((_value ^ (ulong)value) * 0x9E3779B97F4A7C15, 29);

    internal void Add(string text)
    {
        foreach (char each in text)
            Add(each);
        Add(-1 - text.Length);
    }

    public override string ToString() => $"{_value:x16}";
}
