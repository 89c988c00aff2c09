namespace Percpu.Pagemap;

// Finding out which index block counts, and which labels.
public sealed partial class LabelArea
{
    private LabelIndex _index = null!;
    private long _otherIndex; // Where the index block stands that does not count.

    private LabelArea Read(IByteMedium area)
    {
        var faults = new List<MediumFault>();
        ReadIndex(area, faults);
        List<NamespaceLabel> labels = ReadLabels(area, faults);
        labels.Sort(static (a, b) => a.Address.CompareTo(b.Address));
        var namespaces = new List<PmemNamespace>(labels.Count);
        for (int i = 0; i < labels.Count; i++)
        {
            NamespaceLabel label = labels[i];
            if (i > 0 && label.Address < labels[i - 1].Address + labels[i - 1].Size)
                throw Contradiction(label, $"overlaps '{labels[i - 1].Uuid}' at {labels[i - 1].Address}");
            namespaces.Add(Of(label));
        }
        Version = new Version(1, _index.Minor);
        (_namespaces, _labels, _faults) = (namespaces, labels, faults);
        return this;
    }

    /// <summary>Reads what was just changed. Without memory for that the list serves: all else is read anew before each change.</summary>
    private void ReadAgain(IByteMedium area, List<PmemNamespace> otherwise)
    {
        try
        {
            Read(area);
        }
        catch (OutOfMemoryException)
        {
            _namespaces = otherwise;
        }
    }

    private PmemNamespace Of(NamespaceLabel label) =>
        new(Region, false, null, (long)label.Address, (long)label.Size, new NamespaceIdentity(label.Uuid, _index.Minor, label.Claim, (long)label.Address), label.Name);

    private void ReadIndex(IByteMedium area, List<MediumFault> faults)
    {
        LabelIndex? first = LabelIndex.Read(area, 0, out string firstFault);
        string secondFault = "";
        LabelIndex? second = null;
        // The first block tells where the second stands. If the first is damaged, each size is tried that it could have.
        for (int size = first?.Size ?? 256; second is null && size <= (first?.Size ?? LabelIndex.LargestSize); size += 256)
        {
            second = LabelIndex.Read(area, size, out string fault);
            secondFault = secondFault is "" or LabelIndex.NoSignature ? fault : secondFault; // The reason that is told is that of a place with a signature, if one of them has it.
        }
        if (first is null && second is null)
            throw new InfoBlockException($"Both index blocks of the label area do not count: of the first, {firstFault}; of the second, {secondFault}.", InfoBlockFault.Corrupt);
        if (first is not null && second is not null && (first.Sequence == second.Sequence || first.Minor != second.Minor))
            throw new InfoBlockException($"Both index blocks of the label area have sequence {first.Sequence} and {second.Sequence}, versions 1.{first.Minor} and 1.{second.Minor}.", InfoBlockFault.Inconsistent);
        if (first is null)
            faults.Add(new MediumFault(MediumFaultKind.Label, _start, $"The first index block does not count: {firstFault}."));
        if (second is null)
            faults.Add(new MediumFault(MediumFaultKind.Label, _start + first!.Size, $"The second index block does not count: {secondFault}."));
        bool takesFirst = second is null || (first is not null && first.Sequence == BttLane.Next(second.Sequence));
        _index = takesFirst ? first! : second!;
        _otherIndex = takesFirst ? _index.Size : 0;
    }

    private List<NamespaceLabel> ReadLabels(IByteMedium area, List<MediumFault> faults)
    {
        var labels = new List<NamespaceLabel>();
        Span<byte> bytes = stackalloc byte[_index.LabelSize];
        for (uint slot = 0; slot < _index.Slots; slot++)
        {
            if (_index.IsFree(slot))
                continue;
            area.Read(_index.LabelAt(slot), bytes);
            NamespaceLabel? label = NamespaceLabel.Read(bytes, _index.Minor);
            if (FaultOf(label, slot, labels) is { } fault)
                faults.Add(new MediumFault(MediumFaultKind.Label, _start + _index.LabelAt(slot), $"The label in slot {slot} does not count: {fault}."));
            else
                labels.Add(label!);
        }
        return labels;
    }

    private string? FaultOf(NamespaceLabel? label, uint slot, List<NamespaceLabel> labels)
    {
        if (label is null)
            return "its checksum is wrong";
        if (label.Slot != slot)
            return $"it says slot {label.Slot}";
        if (label.IsUpdating)
            return $"'{label.Uuid}' was being changed when somebody stopped";
        if (label.Parts != 1 || label.Position != 0)
            return $"'{label.Uuid}' is part {label.Position} of {label.Parts}, of memory interleaved over several DIMMs";
        if (!label.IsPersistentMemory)
            return $"'{label.Uuid}' is of type {label.Type}, no persistent memory";
        if (label.Size < InfoSignature.BlockSize || label.Size > (ulong)_start || label.Address > (ulong)_start - label.Size || ((label.Address | label.Size) & (InfoSignature.BlockSize - 1)) != 0)
            return $"'{label.Uuid}' has {label.Size} bytes at {label.Address}, of {_start}";
        return labels.Exists(each => each.Uuid == label.Uuid) ? $"another label has the uuid '{label.Uuid}'" : null;
    }

    private static InfoBlockException Contradiction(NamespaceLabel label, string how) =>
        new($"The label '{label.Uuid}' of {label.Size} bytes at {label.Address} {how}.", InfoBlockFault.Inconsistent);
}
