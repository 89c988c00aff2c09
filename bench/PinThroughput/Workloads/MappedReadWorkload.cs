using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MappedReadWorkload : Workload
{
    private const string WindowName = "window", Whole = "64MiB";

    internal override string Id => "mapped-read";

    internal override string Operation => "read one random byte of a mapped file of 64 MiB, in a window of 16 KiB if nothing else is said";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "raw-pointer";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "percpu-value", "percpu-ref-64", "view-accessor", "safe-buffer", "raw-pointer"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref", "percpu-value", "percpu-ref-64"];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [new Dictionary<string, string>(), new Dictionary<string, string> { [WindowName] = Whole }];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int window = parameters.GetValueOrDefault(WindowName) == Whole ? DataFile.Length : 16 << 10;
        var file = new DataFile();
        try
        {
            Subject[] subjects =
                [
                    new PercpuSubject(file, window, ofValue: false),
                    new PercpuSubject(file, window, ofValue: true),
                    new Percpu64Subject(file, window),
                    new ViewAccessorSubject(file, window),
                    new SafeBufferSubject(file, window),
                    new RawPointerSubject(file, window),
                ];
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
