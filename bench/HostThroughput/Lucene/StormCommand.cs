using System.CommandLine;
using Percpu.Buffers;
using Percpu.Lucene;

namespace Percpu.HostThroughput.Lucene;

/// <summary>The swap storm in its long form.</summary>
internal static class StormCommand
{
    internal static Command Create()
    {
        var swaps = new Option<long>("--swaps") { DefaultValueFactory = _ => 100_000 };
        var searchers = new Option<int>("--searchers") { DefaultValueFactory = _ => 8 };
        var seconds = new Option<int>("--seconds") { Description = "The most it may take.", DefaultValueFactory = _ => 3_600 };
        var command = new Command("lucene-storm", "Swaps an index under searchers; fails unless nothing was wrong, foreign or left mapped.") { swaps, searchers, seconds };
        command.SetAction(parsed => Run(parsed.GetValue(swaps), parsed.GetValue(searchers), parsed.GetValue(seconds)));
        return command;
    }

    private static int Run(long swaps, int searchers, int seconds)
    {
        string folder = Directory.CreateTempSubdirectory("percpu-storm-").FullName;
        try
        {
            string[] paths = [Path.Combine(folder, "one"), Path.Combine(folder, "two")];
            foreach (string path in paths)
            {
                using var directory = new PercpuDirectory(path);
                Corpus.Write(directory, 2_000, compound: path == paths[1]);
            }
            var storm = new SwapStorm(paths, searchers, swaps);
            storm.Run(TimeSpan.FromSeconds(seconds));
            Console.WriteLine($"{storm.Swaps} swaps under {searchers} searchers: {storm.Answers} answers, {storm.Wrong} wrong; closed under a search {storm.Closed}, "
                + $"Lucene's own null references {storm.LuceneOwn}, foreign exceptions {(storm.Foreign is null ? 0 : 1)}; {MappedMemory.TotalMappedBytes} bytes left mapped.");
            if (storm.Foreign is not null)
                Console.WriteLine(storm.Foreign);
            return storm.Swaps == swaps && storm.Wrong == 0 && storm.Foreign is null && MappedMemory.TotalMappedBytes == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
