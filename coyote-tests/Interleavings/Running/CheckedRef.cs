using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Running;

/// <summary>
/// A reference under test beside what the checker knows about it: when it was killed, released, and how often it lived.
/// Every operation checks what must hold at once.
/// </summary>
internal sealed unsafe class CheckedRef
{
    private readonly Stage _stage;
    private readonly Ghost _killed;
    private readonly Ghost _released;
    private readonly Action<CheckedRef>? _onRelease;
    private int _releases;

    /// <param name="announced">Whether threads may announce it by hazard pointers.</param>
    internal CheckedRef(
        Stage stage, PercpuRefOptions options = PercpuRefOptions.None, string name = "ref", Action<CheckedRef>? onRelease = null, bool announced = false)
    {
        _stage = stage;
        _onRelease = onRelease;
        _killed = stage.Ghost($"{name}: kill has returned");
        _released = stage.Ghost($"{name}: released");
        Reference = stage.Named(new PercpuRef(OnRelease, options, announced), name);
    }

    internal PercpuRef Reference { get; }

    internal int Releases => _releases;

    /// <summary>Gets, uses and puts, if the reference is live.</summary>
    internal bool Visit()
    {
        if (!TryGetLive())
            return false;
        Use();
        Put();
        return true;
    }

    /// <summary>The same as an announced access, as the buffers do it for a single value.</summary>
    internal bool Access()
    {
        RefWords* words = Reference.Words;
        long hazards = Memory.PerThread.Hazards;
        if (Memory.Atomic.LoadAcquire(&words->Limit) == 0 || hazards == 0)
            return AccessSlow(late: null);
        if (!Memory.Hazard.TryAnnounce(Memory.Hazard.OfAccess(hazards), &words->Mode))
            return AccessSlow(Memory.Hazard.OfAccess(hazards));
        CheckNotKilled();
        Use();
        if (!Memory.Hazard.TryWithdraw(Memory.Hazard.OfAccess(hazards), &words->Mode))
            PercpuRef.SettleLate(Reference);
        return true;
    }

    /// <summary>Takes a pin that its thread will end by <see cref="EndPin"/>.</summary>
    internal bool TryBeginPin(out long* hazard)
    {
        if (!PercpuRef.TryBeginAnnouncedPin(Reference, Reference.Counted, Memory.PerThread.Hazards, out hazard))
            return false;
        CheckNotKilled();
        return true;
    }

    /// <summary>The same through an explicit thread.</summary>
    internal bool TryBeginPin(PercpuThread thread, out long* hazard)
    {
        if (!PercpuRef.TryBeginAnnouncedPin(Reference, Reference.Counted, thread.Hazards, out hazard))
            return false;
        CheckNotKilled();
        return true;
    }

    internal void EndPin(long* hazard) => PercpuRef.EndAnnouncedPin(Reference, Reference.Counted, hazard);

    internal bool TryGetLive()
    {
        if (!Reference.TryGetLive())
            return false;
        CheckNotKilled();
        return true;
    }

    /// <summary>Takes a reference for a frame.</summary>
    internal bool TryPin(bool withThread, out PercpuPin pin)
    {
        if (!(withThread ? Reference.TryPin(PercpuThread.Current, out pin) : Reference.TryPin(out pin)))
            return false;
        CheckNotKilled();
        return true;
    }

    internal bool TryGetLive(PercpuThread thread)
    {
        if (!Reference.TryGetLive(thread))
            return false;
        CheckNotKilled();
        return true;
    }

    internal bool TryGet()
    {
        if (!Reference.TryGet())
            return false;
        _stage.Check(_released.Read() == 0, "TryGet succeeded after the release.");
        return true;
    }

    internal void Get() => Reference.Get();

    internal void Put() => Reference.Put();

    /// <summary>What a holder does: whatever the reference protects must still be there.</summary>
    internal void Use() => _released.Use(static value => value == 0, "Released while a reference was held.");

    internal void Kill()
    {
        bool confirmed = false;
        Reference.KillAndConfirm(_ =>
        {
            confirmed = true;
            _killed.Write(1);
        });
        _stage.Check(confirmed, "The confirm callback did not run.");
    }

    /// <summary>Kills, if nobody else does first.</summary>
    internal bool TryKill()
    {
        try
        {
            Kill();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>To be called after a kill that did not go through <see cref="Kill"/>.</summary>
    internal void WasKilled() => _killed.Write(1);

    internal void Reinit()
    {
        BeforeRevival();
        Reference.Reinit();
    }

    /// <summary>Takes the kill back, unless the last put was faster.</summary>
    internal bool TryResurrect()
    {
        long killed = _killed.Read();
        _killed.Write(0); // From the middle of the call on, TryGetLive may succeed.
        try
        {
            Reference.Resurrect();
            return true;
        }
        catch (InvalidOperationException)
        {
            _killed.Write(killed);
            return false;
        }
    }

    /// <summary>What must hold when all threads have ended and nothing is held.</summary>
    internal void MustHaveBeenReleased(int lives = 1)
    {
        _stage.Check(_releases == lives, $"{_releases} releases in {lives} lives.");
        _stage.Check(Reference.IsZero, "Not released at the end.");
        _stage.Check(Reference.Released.IsCompletedSuccessfully, "The task of the release is not complete.");
        MustBalance(0);
    }

    /// <summary>Checks the sum of all counts, and that nobody is left inside settle.</summary>
    internal void MustBalance(long held)
    {
        RefWords* words = LibraryNames.ReferenceFields.Words(Reference);
        long total = Reference.ApproximateCount;
        _stage.Check(total == held, $"The counts add up to {total}, not to {held}.");
        _stage.Check((words->State & RefWords.HasLine) == 0 || words->Settlers == 0, "A thread is still counted as a settler.");
        _stage.Check((words->State & Memory.WordLock.Mask) == 0, "The switch lock is still held.");
    }

    // The step that decided is the last one; it must not come after the return of a kill.
    private void CheckNotKilled() => _stage.Check(_killed.Read() == 0, "TryGetLive succeeded after Kill had returned.");

    private bool AccessSlow(long* late)
    {
        if (!(late == null ? Reference.TryGetLive() : PercpuRef.TryGetLiveLate(Reference, late)))
            return false;
        CheckNotKilled();
        Use();
        Put();
        return true;
    }

    private void BeforeRevival()
    {
        _killed.Write(0);
        _released.Write(0);
    }

    private void OnRelease(PercpuRef reference)
    {
        _stage.Check(_released.Read() == 0, "Released twice in one life.");
        _released.Write(1);
        _releases++;
        _stage.Check(reference.IsZero, "The release callback runs, and the count is not zero.");
        _onRelease?.Invoke(this);
    }
}
