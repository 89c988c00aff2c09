namespace Percpu.Interleavings.Model;

/// <summary>What a step of an execution does.</summary>
internal enum StepKind : byte
{
    Start,
    End,
    Load,
    Store,
    Buffer,
    Flush,
    CompareExchange,
    Exchange,
    FetchAdd,
    LoadReference,
    StoreReference,
    ExchangeReference,
    CompareExchangeReference,
    Fence,
    BeginProcessWideFence,
    Acknowledge,
    EndProcessWideFence,
    EnterLock,
    TryEnterLock,
    ExitLock,
    Park,
    Unpark,
    WakeAll,
    Pause,
    Complete,
    WaitFor,
    LookAt,
    IsAlive,
    Free,
    Allocate,
    Signal,
    AwaitSignal,
    StartThread,
    Interrupt,
    Use,
    BeginUse,
    BeginSection,
    EndSection,
    RestartSections,
    ReadFence,

    /// <summary>A load goes back to the value before.</summary>
    Older,

    /// <summary>A load takes the value at hand.</summary>
    Take,
}
