using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Percpu.PinThroughput.Subjects.Scan;

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
