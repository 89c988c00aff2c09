using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Mutants.Building;
using Percpu.Mutants.Operators;

namespace Percpu.Unit.Mutants;

/// <summary>What the tool of mutants makes compiles, and its switch is what it says.</summary>
public sealed class MutantOperatorTests
{
    public static TheoryData<string> Operators => [.. OperatorCatalog.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Every_operator_makes_mutants_that_compile(string name)
    {
        Mutant[] mutants = [.. MutantSample.Mutants.Where(mutant => mutant.Operator == name)];
        Assert.NotEmpty(mutants);
        Assert.All(mutants, mutant => MutantSample.Emit(mutant.Apply()));
    }

    [Fact]
    public void A_mutant_has_a_name_of_its_own_and_differs_from_the_source()
    {
        Assert.Equal(MutantSample.Mutants.Count, MutantSample.Mutants.Select(mutant => mutant.Id).Distinct().Count());
        Assert.All(MutantSample.Mutants, mutant => Assert.NotEqual(mutant.Before, mutant.Instead));
        Assert.Equal("Layer", MutantSample.Mutants[0].Layer);
    }

    [Fact]
    public void The_switch_turns_on_one_mutant_and_no_other()
    {
        // What the compiler does not take behind the switch has a build of its own.
        (int Number, Mutant Mutant)[] mutants = [.. MutantSample.Mutants.Where(IsSwitched).Select((mutant, number) => (number, mutant))];
        byte[] image = MutantSample.Emit(new SwitchedFile(MutantSample.Tree, mutants).Text, SwitchSource.Of(mutants.Length).Text);
        string original = MutantSample.Alone(mutant: null);
        Assert.Equal(original, MutantSample.Switched(image, active: null));
        string[] alone = [.. mutants.Select(one => MutantSample.Alone(one.Mutant))];
        Assert.True(alone.Count(result => result != original) > mutants.Length / 2);
        Assert.All(mutants, one => Assert.Equal(alone[one.Number], MutantSample.Switched(image, one.Number)));
    }

    [Fact]
    public void What_only_another_system_runs_is_no_place_for_a_mutant()
    {
        string other = OperatingSystem.IsWindows() ? "IsLinux" : "IsWindows", here = OperatingSystem.IsWindows() ? "IsWindows" : "IsLinux";
        SyntaxNode[] sums =
        [
            .. CSharpSyntaxTree.ParseText($$"""
                class Sums
                {
                    static int Of(int one)
                    {
                        if (OperatingSystem.{{other}}())
                            return one + 1;
                        bool both = OperatingSystem.{{other}}() && one + 2 > 0, either = OperatingSystem.{{here}}() && one + 3 > 0;
                        return OperatingSystem.{{other}}() ? one + 4 : one + 5;
                    }
                }
                """, cancellationToken: TestContext.Current.CancellationToken).GetRoot(TestContext.Current.CancellationToken).DescendantNodes()
                .Where(node => node.IsKind(SyntaxKind.AddExpression)),
        ];
        Assert.Equal(["one + 3", "one + 5"], sums.Where(sum => !Places.RunsElsewhere(sum)).Select(sum => sum.ToString()));
    }

    private static bool IsSwitched(Mutant mutant) => mutant.Form != MutantForm.Own
        && new SwitchedFile(MutantSample.Tree, [(0, mutant)]).Text is { } text
        && MutantSample.Compiles(text, SwitchSource.Of(1).Text);
}
