namespace Percpu.Unit.Counting;

/// <summary>
/// A controller kills, revives and switches a reference at random while readers take, hold and hand on references.
/// A ghost flag "freed" tells every holder whether the release came too early. Uses nothing of the test framework, so
/// that it can be compiled together with a changed copy of the source too.
/// </summary>
internal sealed class Stress : IDisposable
{
    private readonly int _seed;
    private readonly int _rounds;
    private readonly PercpuRef _reference;
    private readonly int[] _inHand = new int[4]; // References that anybody may take over and put.
    private int _lives = 1;
    private int _releases;
    private int _freed;
    private bool _stop;
    private string? _violation;

    private Stress(int seed, int rounds)
    {
        _seed = seed;
        _rounds = rounds;
        _reference = new PercpuRef(Release, PercpuRefOptions.AllowReinit);
    }

    /// <summary>Null if all held; else what did not, with the seed.</summary>
    internal static string? Run(int seed, int rounds, int readers)
    {
        using var stress = new Stress(seed, rounds);
        return stress.Run(readers);
    }

    public void Dispose() => _reference.Dispose();

    private string? Run(int readers)
    {
        var threads = new Thread[readers];
        for (int i = 0; i < readers; i++)
        {
            int readerSeed = (_seed * 100) + i;
            threads[i] = new Thread(() => Guard(() => Read(new Random(readerSeed)))) { IsBackground = true };
            threads[i].Start();
        }
        Guard(() => Control(new Random(_seed)));
        Volatile.Write(ref _stop, true);
        foreach (Thread thread in threads)
        {
            if (!thread.Join(TimeSpan.FromSeconds(60)))
                return $"Seed {_seed}: a reader hangs.";
        }
        Guard(Finish);
        return _violation;
    }

    private void Control(Random random)
    {
        long start = Environment.TickCount64; // On a busy machine fewer rounds must do.
        for (int i = 0; i < _rounds && _violation is null && Environment.TickCount64 - start < 2000; i++)
        {
            switch (random.Next(5))
            {
                case 0: _reference.SwitchToAtomic(); break;
                case 1: _reference.SwitchToPercpu(); break;
                case 2: PercpuRef.KillAll([_reference]); break;
                default: _reference.Kill(); break;
            }
            if (random.Next(4) == 0)
                _reference.SwitchToPercpu(); // Acts now or, dying, at the revival.
            if (!_reference.IsDying)
                continue;
            Expect(!_reference.TryGetLive(), "a get of a killed reference succeeded");
            Thread.SpinWait(random.Next(200));
            if (!TryResurrect(random))
                Reinit();
        }
    }

    private bool TryResurrect(Random random)
    {
        if (random.Next(2) == 0 && !_reference.IsZero)
        {
            try
            {
                _reference.Resurrect();
                return true;
            }
            catch (InvalidOperationException)
            {
                // The last put was faster.
            }
        }
        return false;
    }

    private void Reinit()
    {
        PutAll(); // Else nobody might put what lies in hand.
        for (int i = 0; !_reference.WaitForRelease(TimeSpan.FromMilliseconds(1)); i++)
        {
            PutAll();
            if (i == 20_000)
                throw new InvalidOperationException("the release is missing");
        }
        Expect(Interlocked.Exchange(ref _freed, 0) == 1, "a life ended without its release");
        _lives++;
        _reference.Reinit();
    }

    private void Read(Random random)
    {
        while (!Volatile.Read(ref _stop) && _violation is null)
        {
            bool live = random.Next(2) == 0;
            int count = random.Next(3) == 0 ? random.Next(1, 5) : 1;
            if (!(live ? _reference.TryGetLiveMany(count) : _reference.TryGetMany(count)))
                continue;
            Check();
            if (random.Next(4) == 0)
            {
                _reference.Get();
                count++;
            }
            Thread.SpinWait(random.Next(60));
            Check();
            if (random.Next(8) == 0)
            {
                // Hands one on; whoever finds one puts it.
                if (Interlocked.Exchange(ref _inHand[random.Next(_inHand.Length)], 1) == 0)
                    count--;
            }
            for (; count > 1 && random.Next(2) == 0; count--)
                _reference.Put();
            Check(count > 0);
            if (count > 0)
                _reference.PutMany(count);
            if (random.Next(8) == 0)
                PutAll();
        }
    }

    private void PutAll()
    {
        for (int i = 0; i < _inHand.Length; i++)
        {
            if (Interlocked.Exchange(ref _inHand[i], 0) != 1)
                continue;
            Check();
            _reference.Put();
        }
    }

    private void Finish()
    {
        if (!_reference.IsDying)
            _reference.Kill();
        PutAll();
        Expect(_reference.WaitForRelease(TimeSpan.FromSeconds(20)), "the last release is missing");
        Expect(_releases == _lives, $"{_lives} lives had {_releases} releases");
        Expect(!_reference.TryGet(), "a get after the last release succeeded");
    }

    private void Release(PercpuRef reference)
    {
        Interlocked.Increment(ref _releases);
        Expect(Interlocked.Exchange(ref _freed, 1) == 0, "a second release in one life");
    }

    private void Check(bool holds = true) => Expect(!holds || Volatile.Read(ref _freed) == 0, "released while held");

    private void Expect(bool condition, string otherwise)
    {
        if (!condition)
            Interlocked.CompareExchange(ref _violation, $"Seed {_seed}: {otherwise}.", null);
    }

    private void Guard(Action body)
    {
        try
        {
            body();
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _violation, $"Seed {_seed}: {exception}", null);
        }
    }
}
