using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Random calls of an address space and the same on a model, compared after each in all that can be seen: every entry with its bits,
/// every table, count and mark of every page, pins, faults, RAM in use, and at the end every byte.</summary>
public sealed class AddressSpaceModelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I53_an_address_space_does_what_a_dictionary_of_entries_does(bool diskHasPages) => Worker.RunWaiting("walks over pages that do not end", () =>
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            using var walk = new SpaceWalk(diskHasPages, seed);
            try
            {
                for (int number = 0; number < 120; number++)
                    walk.Step(number);
                walk.End();
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Seed {seed}: {exception}"); // An assertion, so that nobody waits for pins that nobody will put.
            }
        }
    });
}
