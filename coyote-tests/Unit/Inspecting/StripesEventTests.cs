using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>The event that tells the kind of stripes is written when the library is first used, so each test has a process of its own.</summary>
public sealed class StripesEventTests
{
    private const string Listener = """
        sealed class Listener(Action<EventWrittenEventArgs> hear) : EventListener
        {
            protected override void OnEventSourceCreated(EventSource source)
            {
                if (source.Name == "Percpu")
                    EnableEvents(source, EventLevel.Verbose);
            }

            protected override void OnEventWritten(EventWrittenEventArgs data)
            {
                if (data.EventSource.Name == "Percpu")
                    hear(data);
            }
        }
        """;

    [Fact]
    public void Who_listens_later_is_told_the_kind_of_stripes_too() => Assert.Contains("StripesChosen 12: thread, Stripes per thread", Programs.Run("""
        using System.Diagnostics.Tracing;
        using Percpu;
        new PercpuRef().Dispose();
        EventWrittenEventArgs heard = null!;
        using var listener = new Listener(data => heard ??= data);
        Console.WriteLine($"{heard?.EventName} {heard?.EventId}: {heard?.Payload?[0]?.ToString()?.ToLowerInvariant()}, {heard?.Payload?[1]}");

        """ + Listener, ("PERCPU_STRIPES", "thread")), StringComparison.Ordinal);

    [Fact]
    public void I71_a_listener_that_throws_at_the_first_use_breaks_nothing() => Assert.Contains("held", Programs.Run("""
        using System.Diagnostics.Tracing;
        using Percpu;
        int heard = 0;
        bool hostile = true;
        using var listener = new Listener(data =>
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

        """ + Listener), StringComparison.Ordinal);
}
