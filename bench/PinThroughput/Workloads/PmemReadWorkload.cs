using Percpu.PinThroughput.Subjects.MappedRead;
using Percpu.PinThroughput.Subjects.Pmem;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PmemReadWorkload : Workload
{
    internal override string Id => "pmem-read";

    internal override string Operation => "read one random block of 4 KiB of a file, in a window of 1 MiB";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "view-accessor";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "view-accessor"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var file = new DataFile();
        try
        {
            WorkloadInstance instance = new([new DiskSubject(file), new ViewSubject(file)], file);
            file.Unlink();
            return instance;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
