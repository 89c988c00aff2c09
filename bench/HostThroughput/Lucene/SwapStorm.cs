using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Percpu.Buffers;
using Percpu.Lucene;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace Percpu.HostThroughput.Lucene;

/// <summary>
/// One thread opens an index and closes the one before, again and again, while searchers search whatever reader stands there.
/// Every other one counts its reader, as Lucene asks, and must always get the right answer. The others count nothing: they may find
/// it closed under them, by an <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>Lucene itself does not promise as much: where a reader is closed under a search, its own objects are null before it asks the
/// directory. Such exceptions, by a reader that is closed, out of Lucene's code with nothing of the directory's below it, are
/// counted by their type; a storm over <see cref="global::Lucene.Net.Store.RAMDirectory"/>, which closes nothing, shows the same
/// ones. What a search found while its reader was closed is no answer.</remarks>
public sealed class SwapStorm(LuceneDirectory one, LuceneDirectory two, int searchers, long swaps)
{
    private static readonly Assembly[] Ours = [typeof(PercpuDirectory).Assembly, typeof(MappedMemory).Assembly];

    private readonly ConcurrentDictionary<string, long> _ofLucene = new();
    private readonly int _expected = CountHits(one);
    private DirectoryReader? _current;
    private bool _stop;
    private long _answers, _closed, _wrong;
    private Exception? _foreign;

    public long Swaps { get; private set; }

    /// <summary>Searches that ended with their reader open.</summary>
    public long Answers => _answers;

    /// <summary>Those of them that found something else than always. None may.</summary>
    public long Wrong => _wrong;

    /// <summary>Searches that found their reader closed.</summary>
    public long Closed => _closed;

    /// <summary>Lucene's own exceptions by closed readers, by type.</summary>
    public IReadOnlyDictionary<string, long> OfLucene => _ofLucene;

    /// <summary>The first exception that nobody may see. None may be.</summary>
    public Exception? Foreign => _foreign;

    /// <summary>Runs to the end, or to the first foreign exception. All readers are closed then.</summary>
    public void Run(TimeSpan limit)
    {
        LuceneDirectory[] directories = [one, two];
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

    private static int CountHits(LuceneDirectory directory)
    {
        using DirectoryReader reader = DirectoryReader.Open(directory);
        return Hits(reader);
    }

    private static int Hits(DirectoryReader reader)
    {
        var searcher = new IndexSearcher(reader);
        TopDocs found = searcher.Search(new TermQuery(new Term(Corpus.Text, Corpus.Word(7))), 3);
        return found.TotalHits
            + found.ScoreDocs.Sum(hit => searcher.Doc(hit.Doc).Get(Corpus.Text).Length)
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
            catch (Exception exception) when (!counts && reader.RefCount <= 0 && !IsOurs(exception))
            {
                _ofLucene.AddOrUpdate(exception.GetType().Name, 1, (_, count) => count + 1);
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

    private static bool IsOurs(Exception exception) =>
        new StackTrace(exception).GetFrames().Any(frame => Ours.Contains(frame.GetMethod()?.Module.Assembly));
}
