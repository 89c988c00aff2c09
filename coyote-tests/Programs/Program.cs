using System.Reflection;

namespace Percpu.Programs;

/// <summary>Runs one of the programs: the class that the first argument names, whose method <c>Run</c> takes the other arguments.</summary>
internal static class Program
{
    private static void Main(string[] args) =>
        typeof(Program).Assembly.GetType($"{typeof(Program).Namespace}.{args[0]}", throwOnError: true)!
            .GetMethod("Run")!.Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, args[1..], culture: null);
}
