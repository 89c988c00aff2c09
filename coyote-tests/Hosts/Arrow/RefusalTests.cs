using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Percpu.Arrow;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

/// <summary>
/// Which damage of a message is refused, and with which words, is kept: what was refused stays so, and nobody's good file becomes damage.
/// To approve a change, run the tests with the environment variable PERCPU_ACCEPT_REFUSALS=1 and commit the file.
/// </summary>
public sealed class RefusalTests
{
    private const string Accept = "PERCPU_ACCEPT_REFUSALS";

    [Fact]
    public void Damage_of_any_byte_of_a_message_is_refused_as_before()
    {
        var lines = new List<string>();
        foreach (string name in (string[])["javascript.arrow", "javascript.arrows", "rust-parquet.arrows"])
        {
            byte[] bytes = System.IO.File.ReadAllBytes(ArrowFiles.Fixture(name));
            using var file = MappedFile.OpenRead(ArrowFiles.Fixture(name));
            Layout layout = Layout.Of(file);
            lines.Add($"{name}: {layout.Head.Length} bytes of a head {Number(layout.Head)}, {layout.Start} to {layout.End}");
            if (layout.Head.Length > 0)
            {
                int footer = bytes.Length - 10;
                lines.Add($"{name}, footer: {Outcomes(bytes[^(10 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(footer)))..footer], each => Number(SchemaMessage.FromFooter(each)))}");
            }
            int place = (int)layout.Start, count = 0;
            while (place + 8 <= layout.End && count < 4 && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(place + 4)) is var length && length > 0)
            {
                byte[] message = bytes[(place + 8)..(place + 8 + length)];
                long body = MessageCheck.Check(message);
                lines.Add($"{name}, message {count++} of {length} bytes with a body of {body}: {Outcomes(message, each => $"{MessageCheck.Check(each)}")}");
                place += 8 + length + (int)body;
            }
        }
        string text = string.Join('\n', lines) + "\n", kept = Repository.At("coyote-tests/Hosts/Arrow/Refusals.txt");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            System.IO.File.WriteAllText(kept, text);
        Assert.Equal(System.IO.File.ReadAllText(kept).ReplaceLineEndings("\n"), text);
    }

    private static string Outcomes(byte[] good, Func<byte[], string> check)
    {
        var all = new StringBuilder();
        int refused = 0, passed = 0;
        for (int place = 0; place < good.Length; place++)
        {
            foreach (byte value in (byte[])[0x00, 0x80, (byte)(good[place] + 1), (byte)(good[place] - 1), (byte)(good[place] + 4)])
            {
                byte[] bytes = [.. good];
                bytes[place] = value;
                try
                {
                    all.Append(check(bytes)).Append('\n');
                    passed++;
                }
                catch (InvalidDataException exception)
                {
                    all.Append(exception.Message).Append('\n');
                    refused++;
                }
            }
        }
        return $"{refused} refused, {passed} not, {Number(Encoding.UTF8.GetBytes(all.ToString()))}";
    }

    private static string Number(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
}
