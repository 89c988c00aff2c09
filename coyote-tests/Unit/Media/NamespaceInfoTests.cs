using Percpu.Pagemap;
using Percpu.Unit.Devices;

namespace Percpu.Unit.Media;

/// <summary>What an inspection tells of a namespace of each kind.</summary>
public sealed class NamespaceInfoTests
{
    private static readonly long Length = (long)TestMachine.Pmem.Length << Pfn.PageShift;

    [Fact]
    public void Of_plain_bytes_it_tells_the_sectors_of_the_disk()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        NamespaceInfo info = names.Inspect();
        AssertLike(info, NamespaceMode.Raw, Guid.Empty, null, 0, 512, 0, 0);
        Assert.Same(names, info.Namespace);
        Assert.Equal(Length / 512, info.Sectors);
        AssertDiskHas(machine, names, info);
    }

    [Theory]
    [InlineData(512, 512)]
    [InlineData(520, 576)]
    [InlineData(4096, 4096)]
    public void Of_a_btt_it_tells_what_its_info_block_says(int sectorSize, int internalSize)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Format(NamespaceMode.Btt, sectorSize);
        BttInfo block = names.Use(medium => BttCopies.ReadAt(medium, 4096))!;
        NamespaceInfo info = names.Inspect();
        AssertLike(info, NamespaceMode.Btt, block.Uuid, new Version(1, 1), 4096, sectorSize, internalSize, 1);
        Assert.Equal(block.Sectors, info.Sectors);
        Assert.Equal(Guid.Empty, info.ParentUuid);
        Assert.False(info.HasErrorFlag);
        AssertDiskHas(machine, names, info);
        names.Use(medium =>
        {
            byte[] bytes = new byte[4096];
            (block with { Flags = 1, Parent = Guid.Empty }).Write(bytes);
            medium.Write(4096, bytes);
            return true;
        });
        Assert.True(names.Inspect().HasErrorFlag);
    }

    [Theory]
    [InlineData(NamespaceMode.Pfn, FrameLocation.Memory, 0, 0)]
    [InlineData(NamespaceMode.Dax, FrameLocation.Medium, 0, 0)]
    [InlineData(NamespaceMode.Dax, FrameLocation.Memory, 4 << 20, 2 << 20)]
    public void Of_a_pfn_or_dax_namespace_it_tells_where_frames_and_data_are(NamespaceMode mode, FrameLocation frames, int pad, int truncation)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        PfnInfo block = PfnInfo.Create(mode, Length, frames, Guid.Empty) with { StartPad = (uint)pad, EndTruncation = (uint)truncation };
        names.Use(medium =>
        {
            byte[] bytes = new byte[4096];
            block.Write(bytes);
            medium.Write(4096, bytes);
            return true;
        });
        NamespaceInfo info = names.Inspect();
        AssertLike(info, mode, block.Uuid, new Version(1, 4), 4096, 512, 0, 0);
        Assert.Equal((pad + block.DataOffset, frames, 2 << 20), (info.DataOffset, info.Frames, info.Alignment));
        Assert.Equal((Length - truncation - pad - block.DataOffset) / 512, info.Sectors);
        AssertDiskHas(machine, names, info);
    }

    [Fact]
    public void Of_a_pool_it_tells_the_set_as_parent_and_before_the_first_write_no_sectors()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium => NeverLostTests.Make(medium, "pool"));
        BttInfo block = names.Use(medium => BttCopies.ReadAt(medium, PoolHeader.Size))!;
        NamespaceInfo info = names.Inspect();
        AssertLike(info, NamespaceMode.Btt, block.Uuid, new Version(1, 1), 8192, 4096, 4096, 1, isPool: true);
        Assert.Equal(block.Parent, info.ParentUuid);
        AssertDiskHas(machine, names, info);
        names.Use(medium =>
        {
            medium.Write(PoolHeader.Size, new byte[4096]);
            medium.Write(PoolHeader.Size + block.Copy, new byte[4096]);
            return true;
        });
        info = names.Inspect();
        AssertLike(info, NamespaceMode.Btt, Guid.Empty, null, 0, 4096, 0, 0, isPool: true);
        Assert.Equal((block.Parent, 0L), (info.ParentUuid, info.Sectors));
    }

    [Theory]
    [InlineData(NamespaceMode.Btt, 512)]
    [InlineData(NamespaceMode.Btt, 4096)]
    [InlineData(NamespaceMode.Pfn, 4096)]
    public void Of_the_librarys_first_format_it_tells_the_sectors_that_the_disk_has(NamespaceMode mode, int sectorSize)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium =>
        {
            LegacyMedium.Write(medium, new LegacyInfoBlock(mode, 8 << 20, medium.Length, sectorSize));
            return true;
        });
        NamespaceInfo info = names.Inspect();
        AssertLike(info, mode, Guid.Empty, null, 4096, mode == NamespaceMode.Btt ? sectorSize : 512, 0, 0, isLegacy: true);
        Assert.Equal(mode == NamespaceMode.Pfn ? 8 << 20 : 0, info.DataOffset);
        AssertDiskHas(machine, names, info);
    }

    [Fact]
    public void Of_what_cannot_be_opened_it_tells_the_reason_and_nothing_else()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium => NeverLostTests.Make(medium, "damaged pfn"));
        NamespaceInfo info = names.Inspect();
        Assert.Equal(InfoBlockFault.Corrupt, info.Problem!.Fault);
        Assert.Equal((null, 0, 0L, 0L), (info.Mode, info.SectorSize, info.Sectors, info.BlockOffset));
        Assert.Same(names, info.Namespace);
    }

    private static void AssertLike(
        NamespaceInfo info, NamespaceMode mode, Guid uuid, Version? version, long block, int sectorSize, int internalSize, int arenas, bool isPool = false, bool isLegacy = false)
    {
        Assert.Null(info.Problem);
        Assert.Equal(
            (mode, uuid, version, block, sectorSize, internalSize, arenas, isPool, isLegacy),
            (info.Mode!.Value, info.Uuid, info.Version, info.BlockOffset, info.SectorSize, info.InternalSectorSize, info.Arenas, info.IsPool, info.IsLegacy));
    }

    private static void AssertDiskHas(TestMachine machine, PmemNamespace names, NamespaceInfo info)
    {
        BlockDisk disk = PmemDriver.Bind(machine.Device, names).Disk;
        Assert.Equal((disk.SectorSize, disk.Length), (info.SectorSize, info.Sectors * info.SectorSize));
        machine.Device.Unbind();
    }
}
