using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;
using Percpu.Results;
using Percpu.Results.Runs;
using Percpu.Unit.Support;
using Row = Percpu.PinThroughput.Measuring.Row;

namespace Percpu.Unit.Contracts;

/// <summary>Figures in documents are those of the result files. To renew them: <c>dotnet run --project docs/tools/Results</c>.</summary>
public sealed class ResultsTests
{
    [Fact]
    public void Every_table_and_plot_is_what_its_result_file_says()
    {
        Document[] all = [.. new Documents(Repository.At("")).All()];
        Assert.Contains(all, document => document.Path == "README.md");
        Assert.Contains(all, document => document.Path == "docs/plots/ratios.svg");
        Assert.Equal([], all.Where(document => document.IsOutdated).Select(document => document.Path));
    }

    [Fact]
    public void A_changed_figure_in_a_document_is_seen()
    {
        Document page = new Documents(Repository.At("")).All().First(document => document.Path == "docs/results/throughput.md");
        using var folder = new TempFolder();
        Document copy = page with { Root = folder.Root };
        Assert.True(copy.IsOutdated);
        copy.Write();
        Assert.False(copy.IsOutdated);
        File.AppendAllText(folder.At("docs/results/throughput.md"), "0.01");
        Assert.True(copy.IsOutdated);
    }

    [Theory]
    [InlineData("<!-- table: nothing/pin -->\n<!-- end -->\n", "there is no file DATE-nothing.json")]
    [InlineData("<!-- table: peers/nothing -->\n<!-- end -->\n", "there is no table 'nothing'")]
    [InlineData("<!-- table: peers/pin -->\n", "1 marks of tables begin, 0 end")]
    [InlineData("<!-- table: peers -->\n<!-- end -->\n", "0 are a line")]
    public void A_mark_that_cannot_be_filled_says_why(string text, string reason)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("docs"));
        Directory.CreateDirectory(folder.At("bench/results/cpu"));
        File.Copy(Newest("peers"), folder.At("bench/results/cpu/2026-01-01-peers.json"));
        File.WriteAllText(folder.At("README.md"), text);
        string said = Assert.Throws<InvalidDataException>(() => new Documents(folder.Root).All().ToList()).Message;
        Assert.Contains("README.md", said, StringComparison.Ordinal);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_file_of_a_run_counts()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("bench/results/b"));
        Directory.CreateDirectory(folder.At("bench/results/a"));
        string text = File.ReadAllText(Newest("peers"));
        File.WriteAllText(folder.At("bench/results/b/2026-01-01-peers.json"), text);
        File.WriteAllText(folder.At("bench/results/a/2026-01-02-peers.json"), text.Replace("\"cores\": 2", "\"cores\": 77", StringComparison.Ordinal));
        Assert.Contains("77 cores", new ResultFolder(folder.Root).Open("peers").Table("host").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_subject_has_a_name_in_words_and_a_colour_that_is_seen_on_white_and_on_black()
    {
        foreach (Workload workload in Catalogue.All.Concat(Catalogue.Named))
        {
            foreach (string subject in workload.SubjectIds.Concat(PeerSet.IdsOf(workload)))
                Assert.True(SubjectNames.Of(workload.Id, subject) != subject, $"{workload.Id} {subject} has no name in SubjectNames.");
        }
        foreach (string colour in Palette.Colours)
        {
            Assert.True(Contrast(colour, "#ffffff") >= 3, $"{colour} on white: {Contrast(colour, "#ffffff"):F2}");
            Assert.True(Contrast(colour, "#0d1117") >= 3, $"{colour} on black: {Contrast(colour, "#0d1117"):F2}");
        }
        Assert.NotEqual(Palette.Of("percpu-ref"), Palette.Of("percpu-ref-older"));
    }

    [Fact]
    public void A_run_that_is_not_reliable_says_so_in_its_plots()
    {
        Result good = JsonReport.Read(new FileInfo(Newest("peers")));
        good = good with { Host = good.Host with { ProcessorShare = 1 }, Results = [.. good.Results.Where(row => row.Workload == "pin").Select(row => row with { IsReliable = true })] };
        Assert.Null(Reliability.Of(good));
        Assert.DoesNotContain("NOT RELIABLE", SvgReport.Pages(Catalogue.All, good)[""], StringComparison.Ordinal);
        Row[] rows = [.. good.Results];
        rows[0] = rows[0] with { IsReliable = false };
        foreach (Result bad in (Result[])[good with { Results = rows }, good with { Host = good.Host with { ProcessorShare = 0.5 } }])
            Assert.Contains($">{Reliability.Of(bad)!}<", SvgReport.Pages(Catalogue.All, bad)[""], StringComparison.Ordinal);
    }

    private static string Newest(string run) => Directory.EnumerateFiles(Repository.At("bench/results"), $"*-{run}.json", SearchOption.AllDirectories)
        .OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal).Last();

    private static double Contrast(string one, string other)
    {
        (double a, double b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>The relative luminance of WCAG.</summary>
    private static double Luminance(string colour)
    {
        double[] parts = [.. Enumerable.Range(0, 3).Select(i => Convert.ToInt32(colour.Substring(1 + 2 * i, 2), 16) / 255.0)
            .Select(part => part <= 0.03928 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4))];
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }
}
