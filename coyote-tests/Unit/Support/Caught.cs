namespace Percpu.Unit.Support;

/// <summary>What a call throws. (Unlike xunit's own recording it does not ask for the exception's message.)</summary>
internal static class Caught
{
    internal static Exception? By(Action call)
    {
        try
        {
            call();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
