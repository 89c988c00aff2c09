namespace Percpu.Unit.Support;

/// <summary>Calls that are refused for an argument: the exception says which one, and what it was.</summary>
internal static class Refused
{
    internal static void Null(string argument, Action call) => As<ArgumentNullException>(argument, call);

    internal static void Empty(string argument, Action call) => As<ArgumentException>(argument, call);

    /// <summary>One that is of a wrong kind, or not what another one needs.</summary>
    internal static void Wrong(string argument, Action call) => As<ArgumentException>(argument, call);

    internal static void Range(string argument, object? value, Action call) =>
        Assert.Equal(value, As<ArgumentOutOfRangeException>(argument, call).ActualValue);

    private static T As<T>(string argument, Action call) where T : ArgumentException
    {
        T refused = Assert.Throws<T>(call);
        Assert.Equal(argument, refused.ParamName);
        return refused;
    }
}
