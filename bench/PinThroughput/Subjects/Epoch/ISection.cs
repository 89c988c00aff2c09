namespace Percpu.PinThroughput.Subjects.Epoch;

/// <summary>A read section as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface ISection
{
    /// <summary>Enters, adds the word to the sum, leaves.</summary>
    void Read(ref readonly long word, ref long sum);
}
