using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer;

/// <summary>The numbers of what can take a step, and how traces write them.</summary>
public sealed class ProcessesTests
{
    public static TheoryData<int, int, bool> Machines()
    {
        var machines = new TheoryData<int, int, bool>();
        for (int threads = 1; threads <= Execution.MaxThreads; threads++)
        {
            machines.Add(threads, 0, false);
            machines.Add(threads, 1, false);
            machines.Add(threads, 4, false);
            machines.Add(threads, 4, true);
        }
        return machines;
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Each_number_is_one_thing_and_says_whose(int threads, int lanes, bool early)
    {
        var processes = new Processes(threads, lanes, early);
        int next = 0;
        void Is(int process, bool thread = false, bool lane = false, bool earlyLoad = false)
        {
            Assert.Equal(next++, process);
            Assert.Equal((thread, lane, earlyLoad), (processes.IsThread(process), processes.IsLane(process), processes.IsEarly(process)));
        }

        for (int i = 0; i < threads; i++)
        {
            Is(i, thread: true);
            Assert.Equal(i, processes.ThreadOf(i));
            ulong own = 0;
            for (int lane = 0; lane < lanes; lane++)
                own |= 1UL << threads + i * lanes + lane;
            Assert.Equal((own, own), (processes.LanesOf(i), processes.Indifferent(i)));
        }
        for (int i = 0; i < threads; i++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                Is(processes.Lane(i, lane), lane: true);
                Assert.Equal((i, lane, 1UL << i), (processes.ThreadOf(next - 1), processes.LaneOf(next - 1), processes.Indifferent(next - 1)));
            }
        }
        Assert.Equal(lanes > 1 ? lanes - 1 : -1, processes.LateReads);
        if (lanes > 0)
        {
            for (int i = 0; i < threads; i++)
            {
                for (int target = 0; target < threads; target++)
                {
                    Is(processes.Acknowledgement(i, target));
                    Assert.Equal((i, target, 0UL), (processes.FencingOf(next - 1), processes.TargetOf(next - 1), processes.Indifferent(next - 1)));
                }
            }
        }
        for (int i = 0; early && i < threads; i++)
        {
            Is(processes.Early(i), earlyLoad: true);
            Assert.Equal(i, processes.ThreadOf(next - 1));
        }
        Assert.Equal(next, processes.Count);
        Assert.InRange(processes.Count, 1, 64);
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("e", 4)]
    [InlineData("A", 5)]
    [InlineData("E", 21)]
    [InlineData("A'", 6)]
    [InlineData("B''", 11)]
    [InlineData("B'''", 12)]
    [InlineData("B''''''", 12)]
    [InlineData("a>a", 25)]
    [InlineData("b>a", 30)]
    [InlineData("e>e", 49)]
    [InlineData("a<", 50)]
    [InlineData("e<", 54)]
    [InlineData("a3", 0, 0, 0)]
    [InlineData("a1b", 0, 1)]
    [InlineData("a0b", 1)]
    [InlineData("a<2b>c2A'12", 50, 50, 32, 32, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6)]
    [InlineData("")]
    public void A_trace_says_who_takes_each_step(string choices, params int[] expected) =>
        Assert.Equal(expected, new Trace("", 0, "arm64", choices).Decode(new Processes(5, 4, EarlyLoads: true)));

    [Theory]
    [InlineData("A", "'A' is no choice.", 0)]
    [InlineData("a?", "'?' is no choice.", 1)]
    [InlineData("`", "'`' is no choice.", 1)]
    [InlineData("{", "'{' is no choice.", 1)]
    [InlineData("[", "'[' is no choice.", 1)]
    [InlineData("@", "'@' is no choice.", 1)]
    [InlineData("1", "'1' is no choice.", 1)]
    [InlineData("a>f", "'f' is no thread.", 1)]
    [InlineData("a>`", "'`' is no thread.", 1)]
    [InlineData("a>", "'>' is no choice.", 1)]
    [InlineData("a<", "No load finds an older value under this memory model.", 1)]
    [InlineData("a10000001", "A trace of more than 10000000 steps.", 1)]
    [InlineData("a3b9999998", "A trace of more than 10000000 steps.", 1)]
    [InlineData("a99999999999999999999", "A trace of more than 10000000 steps.", 1)]
    public void What_is_no_trace_is_told_why(string choices, string why, int lanes) =>
        Assert.Equal(why, Assert.Throws<FormatException>(() => new Trace("", 0, "tso", choices).Decode(new Processes(5, lanes))).Message);

    [Fact]
    public void The_longest_trace_has_ten_million_steps()
    {
        List<int> choices = new Trace("", 0, "sc", "a3b9999997").Decode(new Processes(2, 0));
        Assert.Equal((10_000_000, 0, 1, 1), (choices.Count, choices[2], choices[3], choices[^1]));
    }

    [Theory]
    [InlineData("name:0:sc:ab", "name", 0, "sc", "ab")]
    [InlineData("  name:17:arm64:\n", "name", 17, "arm64", "")]
    public void A_trace_has_four_parts(string text, string scenario, int variant, string model, string choices)
    {
        Assert.Equal(new Trace(scenario, variant, model, choices), Trace.Parse(text));
        Assert.Equal($"{scenario}:{variant}:{model}:{choices}", Trace.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("name:0:sc")]
    [InlineData("name:0:sc:ab:c")]
    [InlineData("name:-1:sc:ab")]
    [InlineData("name: 1:sc:ab")]
    [InlineData("name:x:sc:ab")]
    public void What_has_other_parts_is_none(string text) =>
        Assert.Equal("A trace has the form scenario:variant:model:choices.", Assert.Throws<FormatException>(() => Trace.Parse(text)).Message);

    [Fact]
    public void Each_model_says_what_it_may_do()
    {
        string[] told = [.. MemoryModel.All.Select(model => $"{model} {model.Lanes} {(model.Buffers ? "b" : "")}{(model.Overtaking ? "o" : "")}{(model.ProcessWideFence ? "p" : "")}{(model.EarlyLoads ? "e" : "")}{(model.CpuStripes ? "c" : "")}")];
        Assert.Equal(
            ["sc 0 p", "tso 1 bp", "tso-full 1 b", "arm64 4 bop", "arm64-full 4 bo", "arm64-early 4 bope", "sc-cpu 0 pc", "tso-cpu 1 bpc", "tso-full-cpu 1 bc", "arm64-cpu 4 bopc", "arm64-full-cpu 4 boc"],
            told);
        Assert.Equal((true, 4, "arm64"), (MemoryModel.Arm64.EarlyLoads, MemoryModel.Arm64.Lanes, MemoryModel.Arm64.Name));
        Assert.All(MemoryModel.All, model => Assert.Same(model, MemoryModel.Parse(model.Name)));
        Assert.Equal([MemoryModel.Sequential, MemoryModel.TotalStoreOrder, MemoryModel.Arm64], ((string[])["sc", "tso", "arm64"]).Select(MemoryModel.ParsePublic));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => MemoryModel.ParsePublic("tso-full"));
        Assert.Equal(("name", true), (refused.ParamName, refused.Message.StartsWith("No memory model 'tso-full'; there are sc, tso, arm64.", StringComparison.Ordinal)));
    }
}
