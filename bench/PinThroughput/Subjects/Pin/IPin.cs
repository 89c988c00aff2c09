namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>A reference as one subject counts it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IPin
{
    /// <summary>Takes a reference; false once killed.</summary>
    bool TryTake();

    void Drop();
}
