using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

/// <summary>Java's MappedByteBuffer, in a process of its own that runs for as many threads and as long.</summary>
internal sealed class JavaSubject(ScanFile scan, string java) : Subject("java")
{
    private readonly JavaProcess _process = new(java, scan.Data.Path, ChunkLoop.Operations);

    internal override bool MayAllocate => true; // For the lines to and from the process; the counting is not here.

    internal override Loop CreateLoop(int thread) => new RemoteLoop(_process, scan, thread);

    protected override void Free() => _process.Dispose();

    private sealed class RemoteLoop(JavaProcess process, ScanFile scan, int thread) : Loop
    {
        internal override Tally Run(long duration)
        {
            long nanoseconds = (long)(duration * (1e9 / Stopwatch.Frequency));
            (long chunks, long elapsed, long zeros) = process.Run(thread, ScanFile.FirstChunk(thread), nanoseconds);
            if (zeros != scan.ZerosOfFirst(thread, chunks))
                throw new CheckFailedException($"java: {zeros} zeros in {chunks} chunks.");
            return new Tally(chunks * ChunkLoop.Operations, (long)(elapsed * (Stopwatch.Frequency / 1e9)), 0);
        }
    }
}

/// <summary>The Java program: takes jobs for its threads, one line each, and answers with a line.</summary>
internal sealed class JavaProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, BlockingCollection<string[]>> _answers = [];

    internal JavaProcess(string java, string file, int chunkBytes)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Scan.java");
        _process = Process.Start(new ProcessStartInfo(java, [source, file, chunkBytes.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (_process.StandardOutput.ReadLine()?.StartsWith("ready", StringComparison.Ordinal) != true)
        {
            Dispose();
            throw new CheckFailedException("java: the program did not start.");
        }
        new Thread(Listen) { IsBackground = true }.Start();
    }

    /// <summary>Lets a thread of the program count for so long. Returns chunks, nanoseconds and zeros.</summary>
    internal (long Chunks, long Nanoseconds, long Zeros) Run(int thread, int firstChunk, long nanoseconds)
    {
        lock (_process)
        {
            _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{thread} {firstChunk} {nanoseconds}"));
            _process.StandardInput.Flush();
        }
        if (!AnswersOf(thread).TryTake(out string[]? answer, Patience))
            throw new CheckFailedException("java: no answer in a minute.");
        return (Number(answer[1]), Number(answer[2]), Number(answer[3]));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience))
            _process.Kill();
        _process.Dispose();
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private void Listen()
    {
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                string[] words = line.Split(' ');
                AnswersOf((int)Number(words[0])).Add(words);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            // Disposed meanwhile.
        }
    }

    private BlockingCollection<string[]> AnswersOf(int thread) => _answers.GetOrAdd(thread, static _ => []);
}

/// <summary>Looks for a JDK, which can run a program from its source: JAVA_HOME first, then the PATH.</summary>
internal static class Jdk
{
    /// <summary>The java command, or null where there is no JDK.</summary>
    internal static string? Java { get; } = Find();

    private static string? Find()
    {
        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home)
            folders = folders.Prepend(Path.Combine(home, "bin"));
        foreach (string folder in folders)
        {
            string java = Path.Combine(folder, "java" + suffix);
            if (File.Exists(java) && File.Exists(Path.Combine(folder, "javac" + suffix)))
                return java;
        }
        return null;
    }
}
