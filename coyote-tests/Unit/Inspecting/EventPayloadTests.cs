using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>Each event tells what it was given, all of it, in the order that its message has.</summary>
public sealed class EventPayloadTests
{
    // Tests beside this one write events of their own.
    private readonly string _mark = Guid.NewGuid().ToString("N");

    public static TheoryData<string> Names => ["Misuse", "CallbackFailed", "CallbackFailed of", "StalledReader", "MappedFileDropped", "NativeSlabDropped", "Warning", "Warning described", "NoReclaimer", "Killed", "StalledRelease", "ReferenceDropped"];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_has_the_payload_that_it_was_given(string name)
    {
        PercpuEventSource log = PercpuEventSource.Log;
        (Action Write, string Heard, object?[] Payload) expected = name switch
        {
            "Misuse" => (() => log.Misuse(_mark), name, [_mark]),
            "CallbackFailed" => (() => log.CallbackFailed("Reclaim", new FormatException(_mark)), name, ["Reclaim", nameof(FormatException), _mark]),
            "CallbackFailed of" => (() => log.CallbackFailed("Free", new FormatException(_mark), "a map"), "CallbackFailed", ["Free of a map", nameof(FormatException), _mark]),
            "StalledReader" => (() => log.StalledReader(4711, _mark, 1234), name, [4711, _mark, 1234L]),
            "MappedFileDropped" => (() => log.MappedFileDropped(_mark), name, [_mark]),
            "NativeSlabDropped" => (() => log.NativeSlabDropped(Number), name, [Number]),
            "Warning" => (() => log.Warning(_mark), name, [_mark]),
            "Warning described" => (() => log.Warning(_mark, static mark => $"it is {mark}"), "Warning", [$"it is {_mark}"]),
            "NoReclaimer" => (() => log.NoReclaimer(new FormatException(_mark)), "Warning", [$"No thread for reclaiming: {_mark}"]),
            "Killed" => (() => log.Killed(4711, Number), name, [4711, (double)Number]),
            "StalledRelease" => (() => log.StalledRelease("a wait", 17, 1234, _mark, static mark => $": {mark}"), name, ["a wait", 17L, 1234L, $": {_mark}"]),
            "ReferenceDropped" => (() => log.ReferenceDropped(_mark, 17), name, [_mark, 17L]),
            _ => throw new ArgumentException(name),
        };
        using var events = new PercpuEvents();
        expected.Write();
        Assert.Equal(expected.Payload, Assert.Single(events.Heard(expected.Heard, each => each.Any(IsMarked))));
    }

    [Theory]
    [InlineData("Released")]
    [InlineData("Straggler")]
    public void An_event_without_a_payload_is_heard_as_often_as_it_is_written(string name)
    {
        using var events = new PercpuEvents();
        for (int times = 1; times <= 2; times++)
        {
            if (name == "Released")
                PercpuEventSource.Log.Released();
            else
                PercpuEventSource.Log.Straggler();
            Assert.Equal(times, events.OfThisThread(name));
        }
    }

    private long Number => Convert.ToInt64(_mark[..12], 16);

    private bool IsMarked(object? value) => value switch
    {
        string text => text.Contains(_mark, StringComparison.Ordinal),
        long number => number == Number,
        double number => number == Number,
        _ => false,
    };
}
