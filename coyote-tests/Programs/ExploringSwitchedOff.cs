using Percpu.Interleavings;

namespace Percpu.Programs;

/// <summary>Writes what an exploration says in a program that has not switched it on.</summary>
public static class ExploringSwitchedOff
{
    public static void Run()
    {
        try
        {
            Scenario.Create("none", _ => { }).Explore(MemoryModel.Sequential);
        }
        catch (InvalidOperationException exception)
        {
            Console.Write(exception.Message);
        }
    }
}
