using Percpu.Pagemap;

namespace Percpu.Examples.Namespaces;

/// <summary>Formatting, repairing, and labels.</summary>
internal static class Changing
{
    internal static int Format(Image image, string? name, NamespaceMode mode, int sector, FrameLocation frames, bool json, Terminal terminal)
    {
        using (image)
        {
            PmemNamespace space = image.Find(name);
            space.Format(mode, sector, frames);
            return Showing.Tell(image, [space], json, terminal);
        }
    }

    internal static int Repair(Image image, string? name, bool json, Terminal terminal)
    {
        using (image)
        {
            int blocks = image.Find(name).Repair();
            if (json)
                Showing.Print(new { repaired = blocks }, terminal);
            else
                terminal.Text.WriteLine(blocks == 0 ? "Every info block and copy is whole: nothing was written." : $"{blocks} block(s) were put back.");
            return ExitCode.Done;
        }
    }

    internal static int InitLabels(string path, long size, int minor, Terminal terminal)
    {
        if (size == 0)
            throw new BadRequestException("Say how large the label area is, such as --labels 128K.");
        LabelArea area = Image.Whole(path, region => LabelArea.Create(region, size, minor));
        terminal.Text.WriteLine($"Labels {area.Version}: {area.Capacity} bytes for namespaces.");
        return ExitCode.Done;
    }

    internal static int Create(Image image, long size, NamespaceMode mode, string name, int sector, FrameLocation frames, ulong cookie, bool json, Terminal terminal)
    {
        using (image)
        {
            PmemNamespace space = Labels(image).Create(size, mode, name, sector, frames, cookie);
            return Showing.Tell(image, [space], json, terminal);
        }
    }

    internal static int Delete(Image image, string? name, Terminal terminal)
    {
        using (image)
        {
            PmemNamespace space = image.Find(name);
            Labels(image).Delete(space);
            terminal.Text.WriteLine($"{space.Uuid} was deleted.");
            return ExitCode.Done;
        }
    }

    private static LabelArea Labels(Image image) =>
        image.Labels ?? throw new BadRequestException($"'{image.Path}' has no labels: see init-labels.");
}
