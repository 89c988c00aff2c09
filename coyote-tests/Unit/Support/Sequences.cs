using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Percpu.Unit.Support;

/// <summary>Properties of sequences of operations, checked by FsCheck: a sequence that fails is shortened and its numbers
/// made smaller before it is told.</summary>
internal static class Sequences
{
    // The same sequences in every run, unless one asks for others.
    private const string SeedVariable = "PERCPU_PROPERTY_SEED";
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15; // Odd.

    /// <summary>Runs a property on random sequences.</summary>
    /// <param name="sequences">How many.</param>
    /// <param name="length">How long the longest.</param>
    /// <param name="kinds">How many kinds of operations there are.</param>
    /// <param name="property">Throws if it does not hold. Called for each sequence, on this thread.</param>
    internal static void Check(int sequences, int length, int kinds, Action<Operation[]> property)
    {
        Gen<int> any = Gen.Choose(0, (1 << 30) - 1);
        Gen<Operation> operation =
            from kind in Gen.Choose(0, kinds - 1)
            from first in any
            from second in any
            from third in any
            select new Operation(kind, first, second, third);
        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out ulong given) ? given : 1;
        Config config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(sequences).WithStartSize(1).WithEndSize(length)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, Gamma), FSharpOption<int>.None)));
        FsCheck.Check.One(config, Prop.ForAll(Arb.Array(Arb.ToArbitrary<Operation>(operation, Smaller)), property));
    }

    private static IEnumerable<Operation> Smaller(Operation operation)
    {
        foreach (int first in Smaller(operation.First))
            yield return operation with { First = first };
        foreach (int second in Smaller(operation.Second))
            yield return operation with { Second = second };
        foreach (int third in Smaller(operation.Third))
            yield return operation with { Third = third };
    }

    private static IEnumerable<int> Smaller(int number)
    {
        if (number > 0)
            yield return 0;
        if (number > 1)
            yield return number / 2;
        if (number > 2)
            yield return number - 1;
    }
}
