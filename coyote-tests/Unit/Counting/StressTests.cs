namespace Percpu.Unit.Counting;

public sealed class StressTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2, 3000)]
    [InlineData(3, 1500)]
    public void I10_releases_equal_lives_and_nothing_is_used_after_its_release_under_random_switches(int readers, int rounds)
    {
        for (int i = 0; i < 2; i++)
        {
            int seed = Random.Shared.Next(1, 10_000_000);
            output.WriteLine($"seed {seed}");
            Assert.Null(Stress.Run(seed, rounds, readers));
        }
    }
}
