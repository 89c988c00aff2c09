using System.Globalization;
using System.Numerics;
using Percpu.Pagemap;

namespace Percpu.Examples.Namespaces;

/// <summary>A file as the memory of a device: its namespaces, by labels or as one.</summary>
internal sealed class Image : IDisposable
{
    private const long SmallestLabels = 128 << 10, PageSize = 1 << Pfn.PageShift;

    private static readonly Pfn First = new(PagemapTable.PagesPerSection);

    private readonly PhysicalSpace _space;
    private readonly PagemapTable _table;

    private Image(string path, long length, bool readOnly, long? labels)
    {
        Path = path;
        FileLength = length;
        _space = new PhysicalSpace(AddressBitsFor(length));
        _table = new PagemapTable(_space);
        try
        {
            PhysicalRegion region = Add(length, readOnly);
            long size = labels ?? LabelArea.Find(region);
            if (size != 0 && IsBlank(size))
            {
                // Nobody has written labels: one namespace over all that is before them.
                region = Reopen(length - size, readOnly);
                size = 0;
            }
            Region = region;
            Labels = size == 0 ? null : LabelArea.Open(region, size);
            Namespaces = Labels is null ? [new PmemNamespace(region)] : [.. Labels.Namespaces];
        }
        catch
        {
            _space.Dispose();
            throw;
        }
    }

    internal string Path { get; }

    internal long FileLength { get; }

    internal PhysicalRegion Region { get; }

    internal LabelArea? Labels { get; }

    internal IReadOnlyList<PmemNamespace> Namespaces { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Whether nothing must be written to it.</param>
    /// <param name="labels">Bytes of the label area at its end; null to look for one, 0 for none.</param>
    internal static Image Open(string path, bool readOnly, long? labels) => new(path, LengthOf(path), readOnly, labels);

    /// <summary>The whole file, whatever stands in it.</summary>
    internal static T Whole<T>(string path, Func<PhysicalRegion, T> action)
    {
        using var image = new Image(path, LengthOf(path), readOnly: false, labels: 0);
        return action(image.Region);
    }

    /// <summary>The namespace that a user means: by its label's name, its uuid, or its number in the list.</summary>
    internal PmemNamespace Find(string? name)
    {
        if (name is null)
            return Namespaces.Count == 1 ? Namespaces[0]
                : throw new BadRequestException($"'{Path}' has {Namespaces.Count} namespaces: say which one with --namespace. {Names()}");
        List<PmemNamespace> found = [.. Namespaces.Where(each => each.Name == name)];
        if (found.Count == 0 && Guid.TryParse(name, out Guid uuid) && uuid != Guid.Empty)
            found = [.. Namespaces.Where(each => each.Uuid == uuid || BlockUuid(each) == uuid)];
        string number = name[(name.LastIndexOf('.') + 1)..];
        bool isNumber = number == name || name.StartsWith("namespace", StringComparison.Ordinal) || int.TryParse(name.AsSpan(0, name.Length - number.Length - 1), out _);
        if (found.Count == 0 && isNumber && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < Namespaces.Count)
            return Namespaces[index];
        return found.Count == 1 ? found[0] : throw new BadRequestException($"{found.Count} namespaces of '{Path}' are called '{name}'. {Names()}");
    }

    /// <summary>Binds a driver to a namespace and hands out its disk.</summary>
    internal T Use<T>(PmemNamespace space, Func<BlockDisk, T> action)
    {
        var device = new Device(_table, "pmem0");
        try
        {
            return action(PmemDriver.Bind(device, space).Disk);
        }
        finally
        {
            device.Remove();
        }
    }

    public void Dispose() => _space.Dispose();

    private static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"There is no file '{path}'.");
        return file.Length >= PageSize ? file.Length : throw new BadRequestException($"'{path}' has {file.Length} bytes: too few for a page.");
    }

    private static Guid BlockUuid(PmemNamespace space) => space.Inspect().Uuid;

    private string Names() => Namespaces.Count == 0 ? "" : "There are: " + string.Join(", ", Namespaces.Select(each => each.Name.Length > 0 ? each.Name : each.Uuid.ToString())) + ".";

    private bool IsBlank(long size)
    {
        if (size < SmallestLabels || size % PageSize != 0 || size > FileLength - PageSize)
            throw new BadRequestException($"A label area has at least {SmallestLabels} bytes, a multiple of {PageSize}, and fewer than the {FileLength} of '{Path}'; not {size}.");
        using FileStream file = File.OpenRead(Path);
        byte[] chunk = new byte[1 << 16];
        file.Position = FileLength - size;
        for (int read; (read = file.Read(chunk)) > 0;)
        {
            if (chunk.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
                return false;
        }
        return true;
    }

    // The label area's size is counted from the file's end, so a tail that is no whole page stays outside only without labels.
    private PhysicalRegion Add(long length, bool readOnly) =>
        _space.AddDevice(new PfnRange(First, (ulong)length >> Pfn.PageShift), System.IO.Path.GetFileName(Path), Path, readOnly);

    // Two halves, for the file may be opened twice, each with room for a whole section at either end. More would be address space for nothing.
    private static int AddressBitsFor(long length)
    {
        ulong half = BitOperations.RoundUpToPowerOf2((ulong)length + (2UL * PagemapTable.PagesPerSection << Pfn.PageShift));
        return Math.Clamp(BitOperations.Log2(half) + 1, 30, 50);
    }

    private PhysicalRegion Reopen(long length, bool readOnly) =>
        _space.AddDevice(
            new PfnRange(new Pfn(_space.Capacity / 2), (ulong)length >> Pfn.PageShift), System.IO.Path.GetFileName(Path), Path, readOnly);
}
