using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Store;
using Percpu.Buffers;
using Percpu.Unit.Support;
using Percpu.HostThroughput.Lucene;
using Percpu.Lucene;

namespace Percpu.HostTests.Lucene;

public sealed class DirectoryTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_index_answers_as_from_a_directory_of_Lucenes_own(bool compound)
    {
        using var folder = new TempFolder();
        using (var writing = new PercpuDirectory(folder.Root))
            Corpus.Write(writing, 2_000, compound: compound);
        using var ours = new PercpuDirectory(folder.Root);
        using var theirs = new NIOFSDirectory(folder.Root);
        Assert.Equal(Answers(theirs), Answers(ours));
        Assert.Empty(ours.GetMappedFiles());
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
        Assert.True(new CheckIndex(ours).DoCheckIndex().Clean);
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public void Opened_by_the_name_of_the_class_it_is_ours_and_not_what_FSDirectory_would_choose()
    {
        using var folder = new TempFolder();
        using FSDirectory one = PercpuDirectory.Open(folder.Root), two = PercpuDirectory.Open(new DirectoryInfo(folder.Root), NoLockFactory.GetNoLockFactory());
        Assert.IsType<PercpuDirectory>(one);
        Assert.IsType<PercpuDirectory>(two);
        Assert.Throws<ArgumentNullException>(() => new PercpuDirectory((DirectoryInfo)null!));
        File.WriteAllText(folder.At("file"), "x");
        Assert.Throws<DirectoryNotFoundException>(() => new PercpuDirectory(folder.At("file")));
    }

    [Fact]
    public void Missing_files_and_closed_directories_are_told_in_Lucenes_way()
    {
        using var folder = new TempFolder();
        var directory = new PercpuDirectory(folder.Root);
        Assert.Throws<FileNotFoundException>(() => directory.OpenInput("none", IOContext.READ));
        Assert.Throws<FileNotFoundException>(() => new PercpuDirectory(folder.At("no/such")).OpenInput("none", IOContext.READ));
        directory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => directory.OpenInput("none", IOContext.READ));
        Assert.Throws<ObjectDisposedException>(() => directory.CreateSlicer("none", IOContext.READ));
    }

    [Fact]
    public void A_file_that_grows_or_is_deleted_while_mapped_shows_what_it_had()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        using IndexOutput output = directory.CreateOutput("f", IOContext.DEFAULT);
        output.WriteBytes([1, 2, 3, 4], 4);
        output.Flush();
        using IndexInput first = directory.OpenInput("f", IOContext.READ);
        output.WriteBytes(new byte[10_000], 10_000);
        output.Flush();
        using IndexInput second = directory.OpenInput("f", IOContext.READ);
        Assert.Equal(4, first.Length);
        Assert.Equal(10_004, second.Length);
        if (OperatingSystem.IsWindows())
            return; // Windows refuses to delete it; Lucene tries again later.
        directory.DeleteFile("f");
        Assert.Equal(0x0102_0304, first.ReadInt32());
        Assert.Equal(0x0102_0304, second.ReadInt32());
    }

    [Fact]
    public async Task Opening_beside_a_writer_that_appends_never_fails()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("f"), new byte[1]);
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            using FileStream stream = new(folder.At("f"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            while (!stop.IsCancellationRequested)
                stream.Write(new byte[97]);
        }, TestContext.Current.CancellationToken);
        for (int i = 0; i < 500; i++)
        {
            using IndexInput input = directory.OpenInput("f", IOContext.READ);
            input.Seek(input.Length - 1);
            Assert.Equal(0, input.ReadByte());
        }
        await stop.CancelAsync();
        await writer.WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void What_is_mapped_is_listed_metered_and_warmed()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root, options: new PercpuDirectoryOptions { SearchAdvice = MemoryAdvice.Sequential });
        File.WriteAllBytes(folder.At("a"), new byte[5_000]);
        File.WriteAllBytes(folder.At("b"), []);
        using IndexInput a = directory.OpenInput("a", IOContext.READ), b = directory.OpenInput("b", IOContext.READ);
        IReadOnlyList<MappedIndexFile> files = directory.GetMappedFiles();
        Assert.Equal(["a", "b"], files.Select(file => file.Name));
        Assert.Equal([5_000L, 0L], files.Select(file => file.Length));
        Assert.All(files, file => Assert.False(file.IsClosed));
        Assert.True(Observe("percpu.lucene.inputs.open") >= 2);
        Assert.True(Observe("percpu.lucene.mapped") >= 5_000);
        Assert.Equal(OperatingSystem.IsLinux() ? 5_000 : directory.Warm(), directory.Warm());
        a.Dispose();
        Assert.Equal("b", Assert.Single(directory.GetMappedFiles()).Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PercpuDirectoryOptions { MergeAdvice = (MemoryAdvice)77 });
    }

    [Fact]
    public void A_dropped_input_is_unmapped_by_the_finalizer()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("a"), new byte[5_000]);
        Drop(directory);
        for (int i = 0; i < 50 && directory.GetMappedFiles().Count > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Empty(directory.GetMappedFiles());
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public void A_swap_storm_ends_with_right_answers_clean_closes_and_nothing_mapped()
    {
        using var folder = new TempFolder();
        using PercpuDirectory one = new(folder.At("one")), two = new(folder.At("two"));
        Corpus.Write(one, 500);
        Corpus.Write(two, 500, compound: true);
        var storm = new SwapStorm(one, two, searchers: 4, swaps: 300);
        storm.Run(Bound);
        Assert.Null(storm.Foreign);
        Assert.Equal(0, storm.Wrong);
        Assert.Equal(300, storm.Swaps);
        Assert.True(storm.Answers > 0);
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public async Task Thousands_of_files_are_open_at_once_under_a_low_limit_of_descriptors()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no such limit.");
        // The limit is of a process, so it needs one of its own.
        string program = Path.Combine(AppContext.BaseDirectory, "HostThroughput.dll");
        var start = new ProcessStartInfo("bash", ["-c", $"ulimit -n 256 && exec dotnet '{program}' lucene-files --files 3000"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output + await errors);
        Assert.Contains("3000 files open at once, 0 bytes left mapped", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_replaced_while_mapped_shows_what_it_had()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("a"), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        using IndexInput before = directory.OpenInput("a", IOContext.READ);
        File.WriteAllBytes(folder.At("new"), [11, 12]);
        File.Move(folder.At("new"), folder.At("a"), overwrite: true);
        using IndexInput after = directory.OpenInput("a", IOContext.READ);
        Assert.Equal((9, 2), (before.Length, after.Length));
        before.Seek(8);
        Assert.Equal(9, before.ReadByte());
        Assert.Equal(11, after.ReadByte());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_or_cut_index_ends_as_from_a_directory_of_Lucenes_own(bool compound)
    {
        using TempFolder good = new(), bad = new();
        using (var directory = new PercpuDirectory(good.Root))
            Corpus.Write(directory, 60, compound: compound);
        int refused = 0;
        foreach (string file in System.IO.Directory.GetFiles(good.Root).Select(Path.GetFileName).Where(name => name != "write.lock").Select(name => name!))
        {
            byte[] bytes = File.ReadAllBytes(good.At(file));
            for (int step = 0; step < 12; step++)
            {
                foreach (string name in System.IO.Directory.GetFiles(good.Root))
                    File.Copy(name, bad.At(Path.GetFileName(name)), overwrite: true);
                int place = (int)((long)bytes.Length * step / 12);
                byte[] damaged = [.. bytes];
                damaged[place] ^= 1; // One bit: no length becomes one that somebody would allocate for long.
                File.WriteAllBytes(bad.At(file), step % 3 == 0 ? bytes[..place] : damaged);
                using var ours = new PercpuDirectory(bad.Root);
                using var theirs = new NIOFSDirectory(bad.Root);
                string expected = Outcome(theirs), actual = Outcome(ours);
                Assert.True(expected == actual, $"{file} at {place}: {expected} from NIOFSDirectory, {actual} from ours.");
                refused += expected.EndsWith("Exception", StringComparison.Ordinal) ? 1 : 0;
            }
        }
        Assert.True(refused > 5, $"Only {refused} were refused.");
        Assert.Equal(0, OpenFiles.MappingsOf(bad.Root));
    }

    private static string Outcome(FSDirectory directory)
    {
        try
        {
            return string.Join('|', Answers(directory));
        }
        catch (Exception exception)
        {
            return exception is EndOfStreamException ? nameof(EndOfStreamException) : exception is IOException ? nameof(IOException) : exception.GetType().Name;
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Drop(PercpuDirectory directory) => directory.OpenInput("a", IOContext.READ).ReadByte();

    private static long Observe(string name)
    {
        long value = -1;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == name)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => value = measured);
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }

    private static List<string> Answers(FSDirectory directory)
    {
        using DirectoryReader reader = DirectoryReader.Open(directory);
        var searcher = new IndexSearcher(reader);
        var phrase = new PhraseQuery { new Term(Corpus.Text, Corpus.Word(0)), new Term(Corpus.Text, Corpus.Word(1)) };
        var both = new BooleanQuery
        {
            { new TermQuery(new Term(Corpus.Text, Corpus.Word(3))), Occur.MUST },
            { new TermQuery(new Term(Corpus.Text, Corpus.Word(9))), Occur.SHOULD },
        };
        Query[] queries = [new TermQuery(new Term(Corpus.Text, Corpus.Word(7))), phrase, both, NumericRangeQuery.NewInt32Range(Corpus.Number, 1_000, 300_000, true, true)];
        var answers = new List<string>();
        foreach (Query query in queries)
        {
            TopFieldDocs found = searcher.Search(query, 20, new Sort(new SortField(Corpus.Rank, SortFieldType.INT64)));
            answers.Add($"{query}: {found.TotalHits}");
            answers.AddRange(found.ScoreDocs.Select(each => searcher.Doc(each.Doc).Get(Corpus.Id) + searcher.Doc(each.Doc).Get(Corpus.Text)));
        }
        Assert.True(answers.Count > 20);
        return answers;
    }
}
