namespace Percpu.Programs;

/// <summary>Listens from before the first use, and throws at every event of the first reference.</summary>
public static class HostileListener
{
    public static void Run()
    {
        int heard = 0;
        bool hostile = true;
        using var listener = new EventHearer(data =>
        {
            heard++;
            if (hostile)
                throw new InvalidOperationException("a listener's");
        });
        var reference = new PercpuRef();
        reference.Get();
        reference.Kill();
        reference.Put();
        int before = heard;
        hostile = false;
        var second = new PercpuRef();
        second.Kill();
        Console.WriteLine(before >= 3 && heard > before && reference.IsZero && second.IsZero ? "held" : $"{before} events, then {heard}");
    }
}
