using Lucene.Net.Store;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace Percpu.Lucene;

/// <summary>Gives inputs of parts of one mapped file. Closing it closes the file under all of them.</summary>
internal sealed class PercpuSlicer(PercpuIndexInput file) : LuceneDirectory.IndexInputSlicer
{
    public override IndexInput OpenSlice(string sliceDescription, long offset, long length) => file.Slice(sliceDescription, offset, length);

    [Obsolete("Only for reading CFS files from 3.x indexes.")]
    public override IndexInput OpenFullSlice() => (IndexInput)file.Clone();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
    }
}
