using System.Globalization;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>What the child process of <c>memory</c> measured.</summary>
/// <param name="BytesPerReference">With the threads' words for it, but without what a thread takes at its first use.</param>
/// <param name="NanosecondsPerCreation">Of one reference.</param>
/// <param name="BytesPerThread">By how much the process grew (with its page tables) when the threads used the references, for each thread.</param>
/// <param name="Mappings">How many more the process had then, all threads together.</param>
internal sealed record MemoryAnswer(double BytesPerReference, double NanosecondsPerCreation, double BytesPerThread, double Mappings)
{
    internal static MemoryAnswer Parse(string line)
    {
        double[] figures = [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
        return new MemoryAnswer(figures[0], figures[1], figures[2], figures[3]);
    }

    internal void Print() =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{BytesPerReference:F2} {NanosecondsPerCreation:F2} {BytesPerThread:F0} {Mappings:F0}"));
}
