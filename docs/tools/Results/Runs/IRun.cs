namespace Percpu.Results.Runs;

/// <summary>One run, read from its file.</summary>
internal interface IRun
{
    /// <summary>The lines of one of its tables.</summary>
    /// <exception cref="InvalidDataException">It has no such table.</exception>
    IEnumerable<string> Table(string name);
}
