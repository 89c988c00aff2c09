using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Percpu.Examples.Namespaces;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Images that Linux and libpmemblk made, and what each sector of them must read as.</summary>
public sealed class ImageTests
{
    public static TheoryData<string> Images() => [.. Manifest().EnumerateObject().Select(image => image.Name)];

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_reads_as_its_manifest_says_and_is_not_changed_by_that(string name)
    {
        Needs.RangesBackedByFiles();
        JsonElement image = Manifest().GetProperty(name);
        using var folder = new TempFolder();
        string path = Unpack(folder, name);
        byte[] bytes = File.ReadAllBytes(path);
        int size = image.GetProperty("sector_size").GetInt32();
        foreach (JsonProperty sector in image.GetProperty("reads").EnumerateObject())
        {
            long offset = long.Parse(sector.Name) * size;
            (int code, byte[] read, _) = Command.Run(["read", path, "--offset", $"{offset}", "--length", $"{size}"]);
            bool fails = sector.Value.TryGetProperty("error", out _);
            Assert.Equal(fails ? ExitCode.Damaged : ExitCode.Done, code);
            Assert.Equal(fails ? [] : Expected(sector.Value, size), read);
        }
        Assert.Equal(ExitCode.Done, Command.Run(["check", path]).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["list", path]).Code);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void A_btt_image_that_the_library_has_written_to_is_whole_for_a_reader_of_its_own(string name)
    {
        Needs.RangesBackedByFiles();
        JsonElement image = Manifest().GetProperty(name);
        if (image.GetProperty("kind").GetString() != "btt")
            return;
        using var folder = new TempFolder();
        string path = Unpack(folder, name);
        int size = image.GetProperty("sector_size").GetInt32(), at = image.GetProperty("at").GetInt32();
        byte[] data = new byte[size * 3];
        new Random(1).NextBytes(data);
        Assert.Equal(ExitCode.Done, Command.Run(["write", path, "--offset", $"{21 * size}"], data).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["write", path, "--offset", $"{5 * size + 100}"], data.AsSpan(0, 50).ToArray()).Code);
        var other = new IndependentBtt(File.ReadAllBytes(path), at, zeroUnwritten: at == 8192);
        Assert.Equal(image.GetProperty("sectors").GetUInt32(), other.Sectors);
        for (uint i = 0; i < 3; i++)
            Assert.Equal(data.AsSpan((int)i * size, size).ToArray(), other.Read(21 + i));
        Assert.Equal(data.AsSpan(0, 50).ToArray(), other.Read(5)!.AsSpan(100, 50).ToArray());
        foreach (JsonProperty sector in image.GetProperty("reads").EnumerateObject().Where(each => each.Name is not ("5" or "21")))
            Assert.Equal(sector.Value.TryGetProperty("error", out _) ? null : Expected(sector.Value, size), other.Read(uint.Parse(sector.Name)));
    }

    internal static string Unpack(TempFolder folder, string name)
    {
        string path = folder.At(name);
        using FileStream packed = File.OpenRead(Repository.At($"coyote-tests/Unit/Media/Images/{name}.br")), file = File.Create(path);
        using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
        brotli.CopyTo(file);
        return path;
    }

    private static byte[] Expected(JsonElement read, int size)
    {
        byte[] sector = new byte[size];
        if (read.TryGetProperty("byte", out JsonElement value))
            Array.Fill(sector, value.GetByte());
        else if (Encoding.ASCII.GetBytes(read.GetProperty("text").GetString() + "\n") is var text)
            sector = [.. Enumerable.Range(0, size).Select(i => text[i % text.Length])];
        return sector;
    }

    private static JsonElement Manifest() =>
        JsonDocument.Parse(File.ReadAllText(Repository.At("coyote-tests/Unit/Media/Images/manifest.json"))).RootElement.GetProperty("images");
}
