namespace Percpu.PinThroughput.Subjects.Rent;

/// <summary>Rents 4 KiB, writes its first and last byte, and returns it. Implemented by structs, so that the loop is
/// compiled for each.</summary>
internal interface IRent
{
    /// <returns>1.</returns>
    int RentAndReturn();
}
