using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Workloads;

internal sealed class ReadBatchWorkload : Workload
{
    private const string Batch = "batch";
    private const int Window = 16 << 10;

    private static readonly string[] Sizes = ["1", "4", "16", "64", "256"];

    internal override string Id => "read-batch";

    internal override string Operation => "read one random byte of a window of 16 KiB, with one pin for so many reads";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "raw-pointer";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "raw-pointer"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [.. Sizes.Select(batch => new Dictionary<string, string> { [Batch] = batch })];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int size = int.Parse(parameters[Batch], CultureInfo.InvariantCulture);
        var file = new DataFile();
        try
        {
            Subject[] subjects = [new PercpuBatchSubject(file, Window, size), new RawPointerSubject(file, Window)];
            file.Unlink();
            return new WorkloadInstance(subjects, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
