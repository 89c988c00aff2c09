using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Unit.Memory.PerCpu;

/// <summary>This machine's system, or one that lacks what a test says.</summary>
internal class MissingSystem : RseqSystem
{
    internal bool Linux { get; init; } = true;

    internal Architecture Machine { get; init; } = RuntimeInformation.ProcessArchitecture;

    internal bool KnowsRegistration { get; init; } = true;

    internal (long Offset, uint Bytes)? Registration { get; init; }

    /// <summary>Error numbers instead of calls.</summary>
    internal int? RegisterError { get; init; }

    internal int? FenceError { get; init; }

    internal int? SealError { get; init; }

    internal bool NoCodeMemory { get; init; }

    /// <summary>A kernel that does nothing when it is asked to restart sections.</summary>
    internal bool FenceDoesNothing { get; init; }

    internal long? FeatureSize { get; init; }

    internal int ProcessorCount { get; init; }

    internal int ThreadCount { get; init; }

    internal int PoolCount { get; init; } = 2;

    internal int Unmapped { get; private set; }

    internal override bool IsLinux => Linux && base.IsLinux;

    internal override Architecture Architecture => Machine;

    internal override int Threads => ThreadCount;

    internal override int PoolThreads => PoolCount;

    internal override int Processors => ProcessorCount > 0 ? ProcessorCount : base.Processors;

    internal override long AuxiliaryValue(int key) => FeatureSize ?? base.AuxiliaryValue(key);

    internal override bool TryFindRegistration(out long offset, out uint bytes)
    {
        if (!KnowsRegistration)
        {
            offset = bytes = 0;
            return false;
        }
        bool found = base.TryFindRegistration(out offset, out bytes);
        (offset, bytes) = Registration ?? (offset, bytes);
        return found || Registration is not null;
    }

    internal override int TryRegister(uint signature) => RegisterError ?? base.TryRegister(signature);

    internal override int TryRegisterFence() => FenceError ?? base.TryRegisterFence();

    internal override nint MapCode(nuint bytes) => NoCodeMemory ? 0 : base.MapCode(bytes);

    internal override int SealCode(nint address, nuint bytes) => SealError ?? base.SealCode(address, bytes);

    internal override void UnmapCode(nint address, nuint bytes)
    {
        Unmapped++;
        base.UnmapCode(address, bytes);
    }

    internal override void RestartSections()
    {
        if (!FenceDoesNothing)
            base.RestartSections();
    }
}
