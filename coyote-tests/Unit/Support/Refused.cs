namespace Percpu.Unit.Support;

/// <summary>Calls that are refused for an argument: the exception says which one, and what it was.</summary>
internal static class Refused
{
    internal static void Null(string argument, Action call) => As<ArgumentNullException>(argument, call);

    internal static void Null(string argument, Func<object?> call) => Null(argument, () => { _ = call(); });

    /// <summary>One that is of a wrong kind, or not what another one needs.</summary>
    internal static void Wrong(string argument, Action call) => As<ArgumentException>(argument, call);

    internal static void Wrong(string argument, Func<object?> call) => Wrong(argument, () => { _ = call(); });

    internal static void Range(string argument, object? value, Action call) =>
        Assert.Equal(value, As<ArgumentOutOfRangeException>(argument, call).ActualValue);

    internal static void Range(string argument, object? value, Func<object?> call) => Range(argument, value, () => { _ = call(); });

    private static T As<T>(string argument, Action call) where T : ArgumentException
    {
        T refused = Assert.Throws<T>(call);
        Assert.Equal(argument, refused.ParamName);
        return refused;
    }
}
