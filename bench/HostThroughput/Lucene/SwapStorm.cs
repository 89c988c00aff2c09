using System.Diagnostics;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Percpu.Lucene;

namespace Percpu.HostThroughput.Lucene;

/// <summary>
/// One thread opens an index and closes the one before, again and again, while searchers search whatever reader stands there.
/// Every other one counts its reader as Lucene asks, and must always get the right answer. The others count nothing: they may find
/// it closed under them, and nothing else.
/// </summary>
/// <remarks>Lucene itself does not promise as much: where a reader is closed under a search, its own objects are null before it asks
/// the directory. A NullReferenceException out of Lucene's own code, by a reader that is closed, is counted apart, and what a
/// search found while its reader was closed is no answer.</remarks>
public sealed class SwapStorm(string[] paths, int searchers, long swaps)
{
    private readonly int _expected = CountHits(paths[0]);
    private DirectoryReader? _current;
    private bool _stop;

    public long Swaps { get; private set; }

    public long Answers => _answers;

    public long Closed => _closed;

    public long LuceneOwn => _luceneOwn;

    public long Wrong => _wrong;

    public Exception? Foreign => _foreign;

    private long _answers, _closed, _luceneOwn, _wrong;
    private Exception? _foreign;

    /// <summary>Runs to the end; the directories are all closed then.</summary>
    public void Run(TimeSpan limit)
    {
        using var one = new PercpuDirectory(paths[0]);
        using var two = new PercpuDirectory(paths[1]);
        PercpuDirectory[] directories = [one, two];
        _current = DirectoryReader.Open(one);
        Thread[] threads = [.. Enumerable.Range(0, searchers).Select(i => new Thread(() => Search(counts: i % 2 == 0)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        var clock = Stopwatch.StartNew();
        while (Swaps < swaps && clock.Elapsed < limit && Volatile.Read(ref _foreign) is null)
        {
            DirectoryReader next = DirectoryReader.Open(directories[(Swaps + 1) % 2]);
            Interlocked.Exchange(ref _current, next)!.Dispose();
            Swaps++;
        }
        Volatile.Write(ref _stop, true);
        foreach (Thread thread in threads)
            thread.Join();
        _current.Dispose();
    }

    private static int CountHits(string path)
    {
        using var directory = new PercpuDirectory(path);
        using DirectoryReader reader = DirectoryReader.Open(directory);
        return Hits(reader);
    }

    private static int Hits(DirectoryReader reader)
    {
        var searcher = new IndexSearcher(reader);
        TopDocs found = searcher.Search(new TermQuery(new Term(Corpus.Text, Corpus.Word(7))), 3);
        return found.TotalHits
            + searcher.Doc(found.ScoreDocs[0].Doc).Get(Corpus.Text).Length
            + searcher.Search(new PhraseQuery { new Term(Corpus.Text, Corpus.Word(0)), new Term(Corpus.Text, Corpus.Word(1)) }, 3).TotalHits
            + searcher.Search(NumericRangeQuery.NewInt32Range(Corpus.Number, 1_000, 300_000, true, true), 3).TotalHits;
    }

    private void Search(bool counts)
    {
        while (!Volatile.Read(ref _stop))
        {
            DirectoryReader reader = Volatile.Read(ref _current)!;
            if (counts && !reader.TryIncRef())
                continue;
            try
            {
                int hits = Hits(reader);
                if (reader.RefCount <= 0)
                {
                    Interlocked.Increment(ref _closed);
                    continue;
                }
                Interlocked.Increment(ref _answers);
                if (hits != _expected)
                    Interlocked.Increment(ref _wrong);
            }
            catch (ObjectDisposedException) when (!counts)
            {
                Interlocked.Increment(ref _closed);
            }
            catch (NullReferenceException exception) when (!counts && reader.RefCount <= 0 && exception.TargetSite?.Module.Assembly == typeof(IndexReader).Assembly)
            {
                Interlocked.Increment(ref _luceneOwn);
            }
            catch (IndexOutOfRangeException) when (!counts && reader.RefCount <= 0)
            {
                Interlocked.Increment(ref _luceneOwn); // It found nothing, so there is no first document.
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _foreign, exception, null);
                return;
            }
            finally
            {
                if (counts)
                    reader.DecRef();
            }
        }
    }
}
