using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer;

/// <summary>Handing the right to run from one thread to another, where the receiver sleeps at once and where it spins before.</summary>
public sealed class BatonTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_take_returns_after_its_give_and_no_give_is_lost(bool spins)
    {
        const int Rounds = 2_000;
        Baton there = new(spins), back = new(spins);
        int count = 0, wrong = 0; // Whoever has been given the right to run has them.
        var other = new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                there.Take();
                wrong += count++ == 2 * i + 1 ? 0 : 1;
                back.Give();
            }
        })
        { IsBackground = true };
        var one = new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                wrong += count++ == 2 * i ? 0 : 1;
                there.Give();
                back.Take();
            }
        })
        { IsBackground = true };
        other.Start();
        one.Start();
        Assert.True(one.Join(Patience), "A thread waits for the baton that the other has given.");
        Assert.True(other.Join(Patience), "The other thread waits for a baton that was given.");
        Assert.Equal((2 * Rounds, 0), (count, wrong));
    }

    [Fact]
    public void Spinning_is_given_up_where_it_does_not_pay_and_tried_now_and_then()
    {
        var baton = new Baton(spins: true);
        baton.Give();
        for (int i = 0; i < 20; i++)
            Assert.True(baton.TrySpin(), "A baton that was given is not seen.");
        baton.Take();
        for (int i = 0; i < 8; i++)
            Assert.False(baton.TrySpin(), "A baton is seen that nobody has given.");
        baton.Give();
        for (int i = 1; i < 512; i++)
            Assert.False(baton.TrySpin(), $"After 8 spins in vain it spins again at take {i}.");
        Assert.True(baton.TrySpin(), "It never spins again.");
        Assert.True(baton.TrySpin(), "It has paid, and it does not spin.");
        baton.Take();
        Assert.False(baton.TrySpin());
        Assert.False(baton.TrySpin());
        baton.Give();
        Assert.False(baton.TrySpin(), "It spins after it was in vain as often as before.");
    }

    [Fact]
    public void One_spin_in_vain_is_as_much_as_two_that_pay()
    {
        var baton = new Baton(spins: true); // 16, as many as it can have.
        for (int i = 0; i < 7; i++)
            Assert.False(baton.TrySpin());
        baton.Give();
        baton.Take(); // From 2 to 3.
        Assert.False(baton.TrySpin());
        baton.Give();
        Assert.True(baton.TrySpin(), "It does not spin, and there is one left.");
        baton.Take();
        Assert.False(baton.TrySpin());
        Assert.False(baton.TrySpin());
        baton.Give();
        Assert.False(baton.TrySpin(), "It spins after it was in vain as often as it has paid.");
    }

    [Fact]
    public void Where_threads_share_a_processor_nobody_spins()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere they do not.");
        var baton = new Baton();
        baton.Give();
        for (int i = 0; i < 1_100; i++)
            Assert.False(baton.TrySpin());
        baton.Take();
    }

    [Fact]
    public void Who_waits_for_a_baton_sleeps()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The state of a thread is looked up in procfs.");
        var baton = new Baton();
        string? folder = null;
        var thread = new Thread(() =>
        {
            Volatile.Write(ref folder, new FileInfo("/proc/thread-self").LinkTarget);
            baton.Take();
        })
        { IsBackground = true };
        thread.Start();
        int asleep = 0; // Looks in a row: a thread that asks again and again is seen running.
        Worker.AwaitTrue(() => Volatile.Read(ref folder) is { } of && (asleep = IsAsleep(of) ? asleep + 1 : 0) >= 30);
        Assert.True(thread.IsAlive, "It has taken what nobody has given.");
        baton.Give();
        Assert.True(thread.Join(Patience), "It waits for a baton that was given.");

        static bool IsAsleep(string of) => File.ReadAllText($"/proc/{of}/stat").Split(") ")[^1].StartsWith('S');
    }

    [Fact]
    public void The_word_that_the_system_knows_by_its_address_is_never_moved() =>
        Assert.Equal(GC.MaxGeneration, GC.GetGeneration(State(new Baton())));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_state")]
    private static extern ref int[] State(Baton baton);
}
