using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>Random accesses, pins and migrations, and the same on an array of pages, compared after each in all that can be seen: entries with
/// their bits, counts and marks of pages, faults, entries that were published, pages in use on both sides, and at the end every byte.</summary>
public sealed class MigrationModelTests
{
    [Fact]
    public void I50_pages_are_where_accesses_and_migrations_have_brought_them() => Worker.RunWaiting("accesses and migrations to end", static () =>
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            using var walk = new MigrationWalk(seed);
            try
            {
                for (int number = 0; number < 250; number++)
                    walk.Step(number);
                walk.End();
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Seed {seed}: {exception}"); // An assertion, so that nobody waits for what nobody will put.
            }
        }
    });
}
