using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Running;

/// <summary>What the tests said of a mutant.</summary>
/// <param name="Mutant">The mutant.</param>
/// <param name="Verdict">One of the constants here.</param>
/// <param name="By">The test that caught it, or those that were running.</param>
/// <param name="Message">What that test said.</param>
/// <param name="Classes">How many test classes reach it.</param>
/// <param name="Seconds">How long its tests took.</param>
internal sealed record MutantResult(Mutant Mutant, string Verdict, string By, string Message, int Classes, double Seconds)
{
    /// <summary>A test failed, or the process of the tests died.</summary>
    internal const string Caught = "caught";

    /// <summary>Every test that reaches it passed, or none reaches it.</summary>
    internal const string Survived = "survived";

    /// <summary>The tests did not end, and none had failed until then.</summary>
    internal const string NoEnd = "no end";

    /// <summary>It does not compile: no mutant. Known only once it is built alone, for it is elsewhere that the compiler minds.</summary>
    internal const string NotCompiled = "not compiled";

    /// <summary>It survived, and is argued to change nothing that anybody could see.</summary>
    internal const string Equivalent = "equivalent";
}
