using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

/// <summary>What the compiler refuses. The first test is the control: the same frame, with legal code in it.</summary>
public sealed class ReaderCannotEscapeTests
{
    [Theory]
    [InlineData("using EpochReader reader = domain.Enter(); Use();")]
    [InlineData("using (domain.Enter()) Use(); await Task.Yield();")]
    public void I33_a_reader_on_the_stack_compiles(string body) => Assert.Empty(Snippets.ErrorsInAsyncMethod(body));

    [Theory]
    [InlineData("object boxed = domain.Enter();", "CS0029")]
    [InlineData("IDisposable boxed = domain.Enter();", "CS0029")]
    [InlineData("object boxed = (object)domain.Enter();", "CS0030")]
    [InlineData("var all = new EpochReader[1];", "CS0611")]
    [InlineData("var all = new List<EpochReader>();", "CS9244")]
    [InlineData("EpochReader reader = domain.Enter(); Action later = () => reader.Dispose();", "CS8175")]
    [InlineData("using EpochReader reader = domain.Enter(); await Task.Yield(); Use();", "CS4007")]
    [InlineData("using (domain.Enter()) await Task.Yield();", "CS4007")]
    public void I33_boxing_a_reader_or_carrying_it_over_an_await_is_a_compile_error(string body, string error) =>
        Assert.Contains(error, Snippets.ErrorsInAsyncMethod(body));

    [Theory]
    [InlineData("class Holder { EpochReader reader; }", "CS8345")]
    [InlineData("struct Holder { EpochReader reader; }", "CS8345")]
    [InlineData("class Holder { static EpochReader reader; }", "CS8345")]
    [InlineData("class Holder { EpochReader Reader { get; set; } }", "CS8345")]
    [InlineData("class Holder { IEnumerable<int> Walk(EpochDomain domain) { using EpochReader reader = domain.Enter(); yield return 1; reader.Dispose(); } }", "CS4007")]
    public void I33_storing_a_reader_is_a_compile_error(string type, string error) =>
        Assert.Contains(error, Snippets.ErrorsInFile(type));

    [Theory]
    [InlineData("class Holder { MappedPin pin; }", "CS8345")]
    [InlineData("class Holder { object Box(MappedFile file) => file.Pin(); }", "CS0029")]
    [InlineData("class Holder { async Task Carry(MappedFile file) { using MappedPin pin = file.Pin(); await Task.Yield(); } }", "CS4007")]
    [InlineData("class Holder { async Task Carry(MappedFile file) { using MappedPin pin = file.Pin(); Span<byte> bytes = pin.Span; await Task.Yield(); bytes[0] = 1; } }", "CS4007")]
    public void I62_storing_a_pin_is_a_compile_error(string type, string error) =>
        Assert.Contains(error, Snippets.ErrorsInFile(type));
}
