using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>Reads and writes of a <see cref="SpaceModel"/>, page by page.</summary>
internal static class SpaceModelAccess
{
    internal static void Run(SpaceModel model, ulong address, Span<byte> bytes, bool write, out (AccessFault Fault, ulong Address)? fault)
    {
        GupFlags flags = GupFlags.Touch | (write ? GupFlags.Write : GupFlags.None);
        for (fault = null; !bytes.IsEmpty; )
        {
            int within = (int)(address & (GupMachine.PageSize - 1)), count = Math.Min(bytes.Length, (int)GupMachine.PageSize - within);
            ulong page = address - (ulong)within;
            AccessFault? refused = model.Follow(page, flags | GupFlags.Get, out ModelFrame? frame);
            bool direct = refused == AccessFault.Special && model.Find(page) is { Kind: AreaKind.Dax };
            if (direct)
            {
                frame = model.Device(model.PfnAt(page));
                model.Follow(page, flags, out _);
            }
            else if (refused is { } why)
            {
                fault = (why, address);
                return;
            }
            Span<byte> memory = frame!.Data.AsSpan(within, count);
            if (write)
                bytes[..count].CopyTo(memory);
            else
                memory.CopyTo(bytes);
            if (!direct)
                model.Release(frame);
            bytes = bytes[count..];
            address += (ulong)count;
        }
    }
}
