using System.Reflection;
using Microsoft.Win32.SafeHandles;
using Percpu.Pagemap;

namespace Percpu.Unit.Devices;

/// <summary>Memory of a device that fails whatever the system is asked for about it.</summary>
internal static class FailingMedium
{
    /// <summary>Runs a body while every call about the file behind a region fails.</summary>
    internal static void While(PhysicalRegion region, Action body)
    {
        FieldInfo file = typeof(RegionMemory).GetField("_file", BindingFlags.Instance | BindingFlags.NonPublic)!;
        object? whole = file.GetValue(region.Memory);
        using var closed = new SafeFileHandle(-1, ownsHandle: false);
        file.SetValue(region.Memory, closed);
        try
        {
            body();
        }
        finally
        {
            file.SetValue(region.Memory, whole);
        }
    }
}
