using System.Diagnostics;
using System.Globalization;

namespace Percpu.PinThroughput.Peers;

/// <summary>A program of <c>bench/NativePeers</c>: runs a round at each request, and sleeps between.</summary>
internal sealed class NativeProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private NativeProcess(Process process, IReadOnlyList<string> subjects) => (_process, Subjects) = (process, subjects);

    /// <summary>What it says that it can run here.</summary>
    internal IReadOnlyList<string> Subjects { get; }

    /// <exception cref="CheckFailedException">It does not start or does not answer.</exception>
    internal static NativeProcess Start(string path, params IEnumerable<string> arguments)
    {
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            return new NativeProcess(process, Ask(process, "list").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or CheckFailedException)
        {
            process?.Kill();
            process?.Dispose();
            throw new CheckFailedException($"{Path.GetFileName(path)}: {exception.Message}");
        }
    }

    /// <summary>Returns one thread's nanoseconds for an operation, and the operations per second of all.</summary>
    /// <exception cref="CheckFailedException">An operation gave a wrong result, or the program ended.</exception>
    internal (double Nanoseconds, double PerSecond) RunRound(string subject, int threads, TimeSpan duration)
    {
        string answer = Ask(_process, string.Create(CultureInfo.InvariantCulture, $"{subject} {threads} {duration.TotalSeconds:F6}"));
        return answer.Split(' ') is [var nanoseconds, var perSecond] && TryParse(nanoseconds, out double time) && TryParse(perSecond, out double rate)
            ? (time, rate)
            : throw new CheckFailedException($"{subject}: {answer}");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience))
            _process.Kill();
        _process.Dispose();
    }

    private static string Ask(Process process, string request)
    {
        try
        {
            process.StandardInput.WriteLine(request);
            process.StandardInput.Flush();
        }
        catch (IOException exception)
        {
            throw new CheckFailedException($"the program ended: {exception.Message}");
        }
        return process.StandardOutput.ReadLine() ?? throw new CheckFailedException("the program ended.");
    }

    private static bool TryParse(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value > 0;
}
