using System.Buffers.Binary;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>What a kernel makes of pfn blocks whose fields were changed, checksum right.</summary>
public sealed class PfnTests
{
    private const long Length = 64 << 20;

    [Theory]
    [InlineData(54, 2, 0, null)] // Minor 0 to 3, the later fields zero.
    [InlineData(54, 2, 3, null)]
    [InlineData(54, 2, 5, null)]
    [InlineData(52, 2, 2, null)]
    [InlineData(100, 1, 9, null)]
    [InlineData(92, 2, 128, null)]
    [InlineData(64, 8, 1000, null)]
    [InlineData(92, 2, 56, InfoBlockFault.FrameSize)]
    [InlineData(92, 2, 0, InfoBlockFault.FrameSize)]
    [InlineData(88, 4, 65536, InfoBlockFault.PageSize)]
    [InlineData(84, 4, 0x8000000, InfoBlockFault.Alignment)]
    [InlineData(84, 4, 3, InfoBlockFault.Alignment)]
    [InlineData(56, 8, 0x80000, InfoBlockFault.DataOffset)]
    [InlineData(56, 8, Length, InfoBlockFault.DataOffset)]
    [InlineData(56, 8, -0x200000, InfoBlockFault.DataOffset)]
    [InlineData(80, 4, 1 << 20, InfoBlockFault.Padding)]
    [InlineData(72, 4, 3, InfoBlockFault.FrameLocation)]
    [InlineData(32, 4, 3, InfoBlockFault.WrongParent)]
    public void A_changed_block_is_taken_or_refused_by_a_fault_of_its_own_as_a_kernel_does(int at, int size, long value, InfoBlockFault? fault)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> 12), "pmem"));
        names.Format(NamespaceMode.Pfn);
        names.Use(medium => Change(medium, at, size, value));
        Action bind = () => Assert.Equal(62 << 20, PmemDriver.Bind(machine.Device, names).Disk.Length);
        if (fault is null)
            bind();
        else
            Assert.Equal(fault, Assert.Throws<InfoBlockException>(bind).Fault);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(48)]
    public void A_resized_medium_has_the_pages_that_are_there(int mebibytes)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile(Length);
        new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> 12), "pmem", path)).Format(NamespaceMode.Pfn);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength((long)mebibytes << 20);
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(2 << 20), (ulong)mebibytes << 8), "resized", path));
        Assert.Equal((long)(mebibytes - 2) << 20, PmemDriver.Bind(machine.Device, names).Disk.Length);
    }

    [Theory]
    [InlineData(FrameLocation.Memory)]
    [InlineData(FrameLocation.Medium)]
    public void Start_pad_and_end_truncation_leave_out_what_they_say(FrameLocation frames)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> 12), "pmem", machine.NewFile(Length)));
        names.Format(NamespaceMode.Dax, frames: frames);
        names.Use(medium => Change(medium, 76, 4, 4 << 20) && Change(medium, 80, 4, 2 << 20));
        PmemDevice pmem = PmemDriver.Bind(machine.Device, names);
        Assert.Equal(NamespaceMode.Dax, pmem.Mode);
        Assert.Equal((64 - 2 - 4 - 2) << 20, pmem.Disk.Length);
        byte[] data = new byte[4096], read = new byte[4096];
        new Random(1).NextBytes(data);
        pmem.Disk.Write(pmem.Disk.Length - 4096, data);
        machine.Device.Unbind();
        names.Use(medium =>
        {
            medium.Read(Length - (2 << 20) - 4096, read);
            return true;
        });
        Assert.Equal(data, read);
    }

    [Theory]
    [InlineData(NamespaceMode.Pfn)]
    [InlineData(NamespaceMode.Dax)]
    public void Frames_on_the_medium_begin_behind_the_two_pages_of_its_info_block(NamespaceMode mode)
    {
        Needs.FramesInTheDevice();
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> 12), "pmem"));
        names.Format(mode, frames: FrameLocation.Medium);
        VmemAltmap altmap = PmemDriver.Bind(machine.Device, names).Mapping.Pagemap!.Altmap!;
        Assert.Equal((1UL << 20, 2UL, 510UL), (altmap.BasePfn.Value, altmap.Reserve, altmap.Free)); // Data begin at 2 MiB.
    }

    [Fact]
    public void A_read_only_medium_keeps_its_page_frames_in_the_hosts_memory()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile(1L << 30);
        var range = new PfnRange(new Pfn(1 << 20), 1 << 18);
        new PmemNamespace(machine.Space.AddDevice(range, "pmem", path)).Format(NamespaceMode.Pfn);
        using var other = new TestMachine();
        var names = new PmemNamespace(other.Space.AddDevice(range, "pmem", path, readOnly: true));
        PmemDevice pmem = PmemDriver.Bind(other.Device, names);
        Assert.Equal(1, other.Space.PfnToPage(pmem.Mapping.Pagemap!.FirstPfn).Count);
        Assert.Throws<UnauthorizedAccessException>(() => pmem.Disk.Write(0, new byte[512]));
    }

    [Theory]
    [InlineData(NamespaceMode.Pfn, FrameLocation.Memory)]
    [InlineData(NamespaceMode.Pfn, FrameLocation.Medium)]
    [InlineData(NamespaceMode.Dax, FrameLocation.Medium)]
    public void A_new_namespace_has_the_block_of_its_length(NamespaceMode mode, FrameLocation frames)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> 12), "pmem"));
        names.Format(mode, frames: frames);
        byte[] block = new byte[4096];
        names.Use(medium =>
        {
            medium.Read(4096, block);
            return true;
        });
        Assert.Equal(mode, InfoSignature.Recognise(block, out bool isWhole));
        Assert.True(isWhole);
        PfnInfo made = PfnInfo.Read(block, mode), expected = PfnInfo.Create(mode, Length, frames, Guid.Empty);
        Assert.NotEqual(Guid.Empty, made.Uuid);
        Assert.Equal(expected with { Uuid = made.Uuid }, made);
        Assert.Equal((ulong)(Length - made.DataOffset) / 4096, made.Pages);
    }

    [Fact]
    public void Each_field_of_a_block_has_its_place_and_is_read_as_it_was_written()
    {
        Guid uuid = new("00112233-4455-6677-8899-aabbccddeeff"), parent = new("ffeeddcc-bbaa-9988-7766-554433221100");
        var info = new PfnInfo
        {
            Mode = NamespaceMode.Dax, Uuid = uuid, Parent = parent, Major = 0x0102, Minor = 0x0304, DataOffset = 0x0506_0708_090A_0B0C,
            Pages = 0x0D0E_0F10_1112_1314, Frames = 0x1516_1718, StartPad = 0x191A_1B1C, EndTruncation = 0x1D1E_1F20, Alignment = 0x2122_2324,
            PageBytes = 0x2526_2728, FrameBytes = 0x292A,
        };
        byte[] block = new byte[4096];
        block.AsSpan().Fill(0xFF); // Whatever was there before goes.
        info.Write(block);
        Assert.Equal(
            "NVDIMM_DAX_INFO\0".Select(letter => (byte)letter).Concat(uuid.ToByteArray(bigEndian: true)).Concat(parent.ToByteArray(bigEndian: true))
                .Concat(new byte[4]).Concat(Convert.FromHexString("02010403" + "0C0B0A0908070605" + "14131211100F0E0D" + "18171615" + "1C1B1A19" + "201F1E1D" + "24232221" + "28272625" + "2A29")),
            block[..94]);
        Assert.Equal(-1, block.AsSpan(94, 4088 - 94).IndexOfAnyExcept((byte)0));
        Assert.True(Fletcher64.Holds(block, 4088));
        Assert.Equal(info, PfnInfo.Read(block, NamespaceMode.Dax));
    }

    [Fact]
    public void A_namespace_may_be_as_small_as_one_granule_behind_its_frames()
    {
        using var machine = new TestMachine();
        foreach (FrameLocation frames in (FrameLocation[])[FrameLocation.Memory, FrameLocation.Medium])
        {
            ulong start = 1UL << (frames == FrameLocation.Memory ? 20 : 21);
            var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(start), 1024), "small"));
            names.Format(NamespaceMode.Pfn, frames: frames);
            Assert.Equal(2 << 20, PmemDriver.Bind(machine.Device, names).Disk.Length);
            machine.Device.Unbind();
            var smaller = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(start + 32768), 512), "too small"));
            var refused = Assert.Throws<ArgumentOutOfRangeException>(() => smaller.Format(NamespaceMode.Pfn, frames: frames));
            Assert.Equal(2L << 20, refused.ActualValue);
            Assert.Contains("data would begin at 2097152", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(8192, 4096, null)] // Right behind the block.
    [InlineData(4096, 4096, InfoBlockFault.DataOffset)]
    [InlineData(0, 4096, InfoBlockFault.DataOffset)]
    [InlineData(Length - 4096, 4096, null)]
    [InlineData(Length, 4096, InfoBlockFault.DataOffset)]
    [InlineData(8192 + 4096, 8192, InfoBlockFault.DataOffset)] // Not aligned as it says.
    [InlineData(8192, 0, null)]
    [InlineData(8192 + 512, 0, InfoBlockFault.DataOffset)]
    [InlineData(Length / 2, Length / 2, null)]
    [InlineData(Length - 4096, 2048, InfoBlockFault.Alignment)] // Below a page.
    [InlineData(Length / 2, Length, InfoBlockFault.DataOffset)]
    [InlineData(Length / 2, 2 * Length, InfoBlockFault.Alignment)] // Above the namespace.
    public void Data_may_begin_right_behind_the_block_and_end_with_the_namespace(long data, long alignment, InfoBlockFault? fault)
    {
        PfnInfo info = PfnInfo.Create(NamespaceMode.Pfn, Length, FrameLocation.Memory, Guid.Empty) with { DataOffset = data, Alignment = (uint)alignment };
        Assert.Equal(fault, (Record.Exception(() => info.Check(0, Length)) as InfoBlockException)?.Fault);
    }

    private static bool Change(PmemMedium medium, int at, int size, long value)
    {
        byte[] block = new byte[4096];
        medium.Read(4096, block);
        if (at == 54 && value < 4)
            block.AsSpan(76, 18).Clear();
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..size].CopyTo(block.AsSpan(at));
        Fletcher64.Store(block, 4088);
        medium.Write(4096, block);
        return true;
    }
}
