using System.CommandLine;
using Lucene.Net.Store;
using Percpu.Buffers;
using Percpu.Lucene;
using Directory = System.IO.Directory;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace Percpu.HostThroughput.Lucene;

/// <summary>The swap storm in its long form, with its control.</summary>
internal static class StormCommand
{
    internal static Command Create()
    {
        var swaps = new Option<long>("--swaps") { DefaultValueFactory = _ => 100_000 };
        var searchers = new Option<int>("--searchers") { DefaultValueFactory = _ => 8 };
        var seconds = new Option<int>("--seconds") { Description = "The most either storm may take.", DefaultValueFactory = _ => 3_600 };
        var command = new Command("lucene-storm", "Swaps an index under searchers; fails unless nothing was wrong, foreign or left mapped. "
            + "Foreign is also an exception of Lucene's of a type that the same storm over RAMDirectory does not show.") { swaps, searchers, seconds };
        command.SetAction(parsed => Run(parsed.GetValue(swaps), parsed.GetValue(searchers), TimeSpan.FromSeconds(parsed.GetValue(seconds))));
        return command;
    }

    private static int Run(long swaps, int searchers, TimeSpan limit)
    {
        string folder = Directory.CreateTempSubdirectory("percpu-storm-").FullName;
        try
        {
            using PercpuDirectory one = Write(Path.Combine(folder, "one"), compound: false), two = Write(Path.Combine(folder, "two"), compound: true);
            SwapStorm ours = Run("PercpuDirectory", one, two, searchers, swaps, limit);
            long left = MappedMemory.TotalMappedBytes;
            Console.WriteLine($"{left} bytes left mapped");
            using RAMDirectory copyOfOne = new(one, IOContext.DEFAULT), copyOfTwo = new(two, IOContext.DEFAULT);
            SwapStorm control = Run("RAMDirectory, for control", copyOfOne, copyOfTwo, searchers, swaps, limit);
            string[] unknown = [.. ours.OfLucene.Keys.Except(control.OfLucene.Keys)];
            Console.WriteLine($"Types that the control does not show: {(unknown.Length == 0 ? "none" : string.Join(", ", unknown))}");
            return ours.Swaps == swaps && ours.Wrong == 0 && ours.Foreign is null && unknown.Length == 0 && left == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PercpuDirectory Write(string path, bool compound)
    {
        var directory = new PercpuDirectory(path);
        Corpus.Write(directory, 2_000, compound: compound);
        return directory;
    }

    private static SwapStorm Run(string name, LuceneDirectory one, LuceneDirectory two, int searchers, long swaps, TimeSpan limit)
    {
        var storm = new SwapStorm(one, two, searchers, swaps);
        storm.Run(limit);
        Console.WriteLine($"{name}: {storm.Swaps} swaps under {searchers} searchers, {storm.Answers} answers, {storm.Wrong} wrong, {storm.Closed} closed under the search, "
            + $"foreign exceptions {(storm.Foreign is null ? "0" : storm.Foreign)}, Lucene's own by closed readers: {string.Join(", ", storm.OfLucene.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"))}");
        return storm;
    }
}
