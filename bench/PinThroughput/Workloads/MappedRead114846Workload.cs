using Percpu.PinThroughput.Subjects.Scan;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MappedRead114846Workload : Workload
{
    internal override string Id => "mapped-read-114846";

    internal override string Operation => "read the next byte of a mapped file of 64 MiB and count it if it is zero (dotnet/runtime#114846)";

    internal override string Yardstick => "percpu-reader";

    internal override IReadOnlyList<string> SubjectIds =>
        Jdk.Java is null ? ["percpu-ref", "percpu-reader", "view-accessor"] : ["percpu-ref", "percpu-reader", "view-accessor", "java"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref", "percpu-reader"];

    internal override IReadOnlyList<(string Subject, string Reason)> NotRun =>
        Jdk.Java is null ? [("java", "there is no JDK in JAVA_HOME or on the PATH.")] : [];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var file = new ScanFile();
        try
        {
            List<Measuring.Subject> subjects = [new PercpuSubject(file), new PercpuReaderSubject(file), new ViewAccessorSubject(file)];
            if (Jdk.Java is { } java)
                subjects.Add(new JavaSubject(file, java));
            return new WorkloadInstance(subjects, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
