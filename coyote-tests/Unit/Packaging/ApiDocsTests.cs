using Percpu.ApiDocs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Packaging;

public sealed class ApiDocsTests
{
    [Fact]
    public void The_XML_comments_become_one_file_per_public_type()
    {
        using var folder = new TempFolder();
        int count = ApiDocsWriter.Write(typeof(PercpuRef).Assembly, folder.Root);
        Assert.Equal(typeof(PercpuRef).Assembly.GetExportedTypes().Length, count);
        string text = File.ReadAllText(folder.At("Percpu.PercpuRef.md"));
        Assert.Contains("## `Boolean TryGetLive()`", text, StringComparison.Ordinal);
        Assert.Contains("## `Void KillAll(ReadOnlySpan<PercpuRef> references)`", text, StringComparison.Ordinal);
        Assert.Contains("- Throws `ObjectDisposedException`", text, StringComparison.Ordinal);
        Assert.Contains("## `T Read<T>(Int64 offset)`", File.ReadAllText(folder.At("Percpu.Buffers.MappedPin.md")), StringComparison.Ordinal);
    }
}
