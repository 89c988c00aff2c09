using Lucene.Net.Analysis.Core;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Store;
using Lucene.Net.Util;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace Percpu.HostThroughput.Lucene;

/// <summary>An index of small documents that a seed decides: words of a steep distribution, a number that is searched by
/// range, one that is sorted by, and the text stored.</summary>
public static class Corpus
{
    public const string Text = "text", Number = "number", Rank = "rank", Id = "id";
    private const int Words = 5_000, WordsPerDocument = 24;

    public static string Word(int number) => "w" + number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Writes the index, in compound files or not.</summary>
    public static void Write(LuceneDirectory directory, int documents, int seed = 1, bool compound = false)
    {
        var random = new Random(seed);
        var settings = new IndexWriterConfig(LuceneVersion.LUCENE_48, new WhitespaceAnalyzer(LuceneVersion.LUCENE_48))
        {
            OpenMode = OpenMode.CREATE,
            UseCompoundFile = compound,
            MergeScheduler = new SerialMergeScheduler(), // The same segments in every process.
        };
        using var writer = new IndexWriter(directory, settings);
        for (int i = 0; i < documents; i++)
        {
            int number = random.Next(1_000_000);
            writer.AddDocument(
            [
                new StringField(Id, i.ToString(System.Globalization.CultureInfo.InvariantCulture), Field.Store.YES),
                new TextField(Text, Sentence(random), Field.Store.YES),
                new Int32Field(Number, number, Field.Store.NO),
                new NumericDocValuesField(Rank, random.Next()),
            ]);
        }
        writer.Commit();
    }

    private static string Sentence(Random random)
    {
        string[] words = new string[WordsPerDocument];
        for (int i = 0; i < words.Length; i++)
            words[i] = Word((int)(Words * Math.Pow(random.NextDouble(), 3)));
        return string.Join(' ', words);
    }
}
