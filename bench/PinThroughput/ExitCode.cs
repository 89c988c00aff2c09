namespace Percpu.PinThroughput;

internal static class ExitCode
{
    internal const int Success = 0, BadOption = 1, CheckFailed = 2, NotSupported = 3, Worse = 4;
}
