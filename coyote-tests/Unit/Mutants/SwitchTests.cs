using Percpu.Mutants.Building;
using Percpu.Unit.Support;

namespace Percpu.Unit.Mutants;

/// <summary>Who is recorded as reaching a mutant.</summary>
public sealed class SwitchTests
{
    [Fact]
    public void What_a_type_initializer_reaches_counts_for_all_classes_as_it_runs_once_for_all()
    {
        using var folder = new TempFolder();
        string text = SwitchSource.Text(4).Replace("namespace Percpu.Mutants;", "namespace Percpu.Mutants {", StringComparison.Ordinal) + "}";
        string written = Programs.Run(
            $$"""
            using Percpu.Mutants;

            bool value = Switch.Is(1) | Once.Value | Switch.Is(3);
            Console.Write(value);

            static class Once { internal static readonly bool Value = Helper.Ask(); }

            static class Helper { internal static bool Ask() => Switch.Is(2); }

            {{text}}
            """,
            (SwitchSource.ReachVariable, folder.Root), (SwitchSource.ActiveVariable, "3"));
        Assert.Equal("True", written);
        string[] lines = File.ReadAllLines(Assert.Single(Directory.GetFiles(folder.Root)));
        Assert.Equal(["\t2", $"{typeof(SwitchTests).FullName}\t1 2 3"], lines.Order(StringComparer.Ordinal));
    }
}
