using System.CommandLine;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Store;
using Percpu.Lucene;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace Percpu.HostThroughput.Lucene;

/// <summary>Searches and reads of an index, by directory.</summary>
internal static class LuceneCommand
{
    private static readonly string[] Subjects = ["MMapDirectory", "PercpuDirectory", "NIOFSDirectory", "SimpleFSDirectory", "RAMDirectory"];

    internal static Command Create()
    {
        var documents = new Option<int>("--documents") { DefaultValueFactory = _ => 100_000 };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var seconds = new Option<double>("--seconds") { Description = "For each row in each process.", DefaultValueFactory = _ => 0.3 };
        var subjects = new Option<string>("--subjects") { DefaultValueFactory = _ => string.Join(',', Subjects) };
        var child = new Option<string?>("--child") { Hidden = true };
        var folder = new Option<string?>("--index") { Description = "Where the index is, or is to be written and left." };
        var command = new Command("lucene", "Times as fast as MMapDirectory.") { documents, threads, rounds, seconds, subjects, child, folder };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(folder) ?? Path.Combine(Path.GetTempPath(), $"percpu-lucene-{parsed.GetValue(documents)}");
            if (parsed.GetValue(child) is { } subject)
                return Measure(subject, path, parsed.GetValue(threads), parsed.GetValue(seconds));
            if (!System.IO.Directory.Exists(path))
            {
                using var directory = new NIOFSDirectory(path);
                Corpus.Write(directory, parsed.GetValue(documents));
            }
            return Children.Compare(parsed.GetValue(subjects)!.Split(','), parsed.GetValue(rounds), name =>
                ["lucene", "--child", name, "--index", path, "--threads", $"{parsed.GetValue(threads)}", "--seconds", parsed.GetValue(seconds).ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        });
        return command;
    }

    private static LuceneDirectory Open(string subject, string path) => subject switch
    {
        "MMapDirectory" => new MMapDirectory(path),
        "PercpuDirectory" => new PercpuDirectory(path),
        "NIOFSDirectory" => new NIOFSDirectory(path),
        "SimpleFSDirectory" => new SimpleFSDirectory(path),
        "RAMDirectory" => new RAMDirectory(new NIOFSDirectory(path), IOContext.DEFAULT),
        _ => throw new ArgumentException($"No directory '{subject}'."),
    };

    private static int Measure(string subject, string path, int threads, double seconds)
    {
        using LuceneDirectory directory = Open(subject, path);
        using DirectoryReader reader = DirectoryReader.Open(directory);
        var searcher = new IndexSearcher(reader);
        var sort = new Sort(new SortField(Corpus.Rank, SortFieldType.INT64));
        void Row(string name, Func<int, Func<long>> create) => Children.Row(name, Crew.Measure(threads, seconds, create));
        void Search(string name, Func<int, Query> query) => Row(name, thread =>
        {
            int next = thread * 17;
            return () =>
            {
                searcher.Search(query(next = (next + 1) % 100), 10);
                return 1;
            };
        });
        Search("term", i => Term(i));
        Search("phrase", i => new PhraseQuery { new Term(Corpus.Text, Corpus.Word(i)), new Term(Corpus.Text, Corpus.Word(i + 1)) });
        Search("boolean", i => new BooleanQuery { { Term(i), Occur.MUST }, { Term(i + 7), Occur.MUST } });
        Search("range", i => NumericRangeQuery.NewInt32Range(Corpus.Number, i * 1_000, i * 1_000 + 5_000, true, true));
        Row("sort by doc values", thread =>
        {
            int next = thread * 17;
            return () =>
            {
                NumericDocValues values = MultiDocValues.GetNumericValues(reader, Corpus.Rank);
                searcher.Search(Term(next = (next + 1) % 100), 10, sort);
                return values is null ? 0 : 1;
            };
        });
        Row("stored document", thread =>
        {
            var random = new Random(thread);
            return () =>
            {
                _ = searcher.Doc(random.Next(reader.MaxDoc)).Get(Corpus.Text);
                return 1;
            };
        });
        byte[] touch = new byte[1 << 20];
        string largest = directory.ListAll().MaxBy(directory.FileLength)!;
        using IndexInput file = directory.OpenInput(largest, IOContext.READ);
        long length = file.Length;
        file.Seek(0);
        for (long left = length; left > 0; left -= touch.Length)
            file.ReadBytes(touch, 0, (int)Math.Min(left, touch.Length)); // Every page is there before anything is measured.
        Row("seek + Int64", thread =>
        {
            var input = (IndexInput)file.Clone();
            var random = new Random(thread);
            return () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    input.Seek(random.NextInt64(length - 8));
                    input.ReadInt64();
                }
                return 100;
            };
        });
        Row("4 KiB blocks", thread =>
        {
            var input = (IndexInput)file.Clone();
            var random = new Random(thread);
            byte[] block = new byte[4_096];
            return () =>
            {
                input.Seek(random.NextInt64(length - block.Length));
                input.ReadBytes(block, 0, block.Length);
                return 1;
            };
        });
        Row("clone", _ => () =>
        {
            for (int i = 0; i < 100; i++)
                file.Clone();
            return 100;
        });
        Row("byte after byte", _ =>
        {
            var input = (IndexInput)file.Clone();
            return () =>
            {
                input.Seek(0);
                for (int i = 0; i < 20_000; i++)
                    input.ReadByte();
                return 20_000;
            };
        });
        return 0;
    }

    private static TermQuery Term(int word) => new(new Term(Corpus.Text, Corpus.Word(word)));
}
