using Percpu.Examples.DeviceMemory;

// One step after the other, as docs/device-memory.md tells them. A file of 64 MiB plays the persistent memory.
string image = Path.GetTempFileName();
try
{
    using (var machine = new Machine(image, create: true))
    {
        machine.WriteAndRead();
        machine.TouchTheMedium();
        machine.PinPagesOfTheMedium();
        machine.MoveToADeviceAndBack();
        machine.UnbindUnderAPin();
    }
    using (var again = new Machine(image, create: false))
        again.FindWhatWasWritten();
}
finally
{
    File.Delete(image);
}
