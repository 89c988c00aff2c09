using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>What <c>docs/embedding.md</c> shows is what the library has.</summary>
public sealed partial class EmbeddingTests
{
    private static readonly string Text = File.ReadAllText(Repository.At("docs/embedding.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_interop_example_is_the_handle_that_the_tests_use() =>
        Assert.Contains(
            Bare(Example("Interop")), Bare(File.ReadAllText(Repository.At("coyote-tests/Unit/Buffers/PercpuHandleTests.cs"))), StringComparison.Ordinal);

    [Fact]
    public void The_example_of_a_long_reader_compiles()
    {
        string code = $$"""
            using Percpu.Buffers;
            class Frame
            {
                static void Work(MappedPin pin, long value) { }
                void Run(MappedCell<MappedFile> cell, IEnumerator<long> batch) { {{Example("Long readers")}} }
            }
            """;
        Assert.Empty(Snippets.Errors(Snippets.Compile(code, OutputKind.DynamicallyLinkedLibrary)));
    }

    [Fact]
    public void Every_instrument_of_the_meter_is_in_the_table_with_its_kind_and_unit()
    {
        Percpu.Memory.PercpuMeter.Create();
        using var pool = new Percpu.Buffers.SlabPool(); // Its instruments are made with the first one.
        List<string> instruments = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter, Percpu.Memory.PercpuMeter.Meter))
                    instruments.Add($"{instrument.Name} {Kind(instrument)} {instrument.Unit}");
            },
        };
        listener.Start();
        Assert.NotEmpty(instruments);
        IEnumerable<string> rows = Instrument().Matches(Text).Select(row => $"{row.Groups[1]} {row.Groups[2]} {row.Groups[3]}");
        Assert.Equal(instruments.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    private static string Kind(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        Histogram<double> => "histogram",
        _ => instrument.IsObservable ? "up-down counter" : "?",
    };

    private static string Example(string heading)
    {
        string section = Text[Text.IndexOf($"## {heading}\n", StringComparison.Ordinal)..];
        return Block().Match(section).Groups[1].Value;
    }

    private static string Bare(string code) => Noise().Replace(code, "");

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    // Comments, white space, and who may see it.
    [GeneratedRegex(@"//.*$|\s|\b(public|internal|private) ", RegexOptions.Multiline)]
    private static partial Regex Noise();

    [GeneratedRegex(@"^\| `(percpu\.[a-z.]+)` \| ([a-z -]+) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Instrument();
}
