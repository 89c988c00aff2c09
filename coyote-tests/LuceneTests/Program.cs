using System.Reflection;
using Lucene.Net.Store;
using Lucene.Net.TestFramework;
using Lucene.Net.Util;
using Percpu.Buffers;
using Percpu.Lucene;
using LuceneDirectory = Lucene.Net.Store.Directory;

// Each test over some seeds, of our directory and, for control, of Lucene's own. Fails if ours fails where MMapDirectory does not.
int seeds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 10;
var failed = new Dictionary<string, HashSet<string>>();
foreach (BaseDirectoryTestCase tests in (BaseDirectoryTestCase[])[new PercpuTests(), new MMapTests(), new NioTests()])
{
    int passed = 0, none = 0;
    var failures = failed[tests.GetType().Name] = [];
    foreach (MethodInfo test in tests.GetType().GetMethods().Where(method => method.IsDefined(typeof(NUnit.Framework.TestAttribute), inherit: true)).OrderBy(method => method.Name, StringComparer.Ordinal))
    {
        for (int seed = 1; seed <= seeds; seed++)
        {
            LuceneTestCase.Random = new Random(seed);
            try
            {
                test.Invoke(tests, null);
                passed++;
            }
            catch (TargetInvocationException exception) when (exception.InnerException is NotApplicableException)
            {
                none++;
            }
            catch (TargetInvocationException exception)
            {
                if (failures.Add(test.Name))
                    Console.WriteLine($"{tests.GetType().Name} {test.Name}, seed {seed}: {exception.InnerException}");
            }
        }
    }
    LuceneTestCase.DeleteFolders();
    int all = tests.GetType().GetMethods().Count(method => method.IsDefined(typeof(NUnit.Framework.TestAttribute), inherit: true));
    Console.WriteLine($"{tests.GetType().Name}: {all - failures.Count} of {all} tests passed, {seeds} seeds each ({passed} runs; {none} did not apply)");
}
Console.WriteLine($"{MappedMemory.TotalMappedBytes} bytes left mapped");
return failed[nameof(PercpuTests)].Except(failed[nameof(MMapTests)]).Any() || MappedMemory.TotalMappedBytes != 0 ? 1 : 0;

internal sealed class PercpuTests : BaseDirectoryTestCase
{
    protected override LuceneDirectory GetDirectory(DirectoryInfo path) => new PercpuDirectory(path);
}

internal sealed class MMapTests : BaseDirectoryTestCase
{
    protected override LuceneDirectory GetDirectory(DirectoryInfo path) => new MMapDirectory(path);
}

internal sealed class NioTests : BaseDirectoryTestCase
{
    protected override LuceneDirectory GetDirectory(DirectoryInfo path) => new NIOFSDirectory(path);
}
