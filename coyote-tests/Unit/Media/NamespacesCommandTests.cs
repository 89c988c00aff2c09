using System.Text.Json;
using Percpu.Examples.Namespaces;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

public sealed class NamespacesCommandTests
{
    [Theory]
    [InlineData("btt", "512")]
    [InlineData("btt", "4104")]
    [InlineData("fsdax", "4096")]
    [InlineData("devdax", "4096")]
    public void A_file_is_formatted_written_read_checked_and_listed(string mode, string sector)
    {
        Needs.RangesBackedByFiles();
        using var folder = new TempFolder();
        string path = NewFile(folder, 32 << 20);
        Assert.Equal(ExitCode.Done, Command.Run(["format", path, "--mode", mode, "--sector", sector]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["format", path, "--mode", mode, "--sector", sector]).Code);
        byte[] data = new byte[3_000_000];
        new Random(1).NextBytes(data);
        Assert.Equal(ExitCode.Done, Command.Run(["write", path, "--offset", "12345"], data).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["write", path, "--offset", "20000"], data[..10]).Code);
        data.AsSpan(0, 10).CopyTo(data.AsSpan(20000 - 12345));
        (int code, byte[] read, _) = Command.Run(["read", path, "--offset", "12345", "--length", "3000000"]);
        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(data, read);
        Assert.Equal(new byte[12345], Command.Run(["read", path, "--offset", "0", "--length", "12345"]).Output);
        Assert.Equal(ExitCode.Done, Command.Run(["check", path]).Code);
        JsonElement shown = JsonDocument.Parse(Command.Run(["show", path, "--json"]).Text).RootElement.GetProperty("namespaces")[0];
        Assert.Equal(mode, shown.GetProperty("mode").GetString());
        Assert.Equal(mode == "btt" ? int.Parse(sector) : 512, shown.GetProperty("sectorSize").GetInt32());
    }

    [Fact]
    public void Labels_are_made_listed_and_deleted()
    {
        Needs.RangesBackedByFiles();
        using var folder = new TempFolder();
        string path = NewFile(folder, (64 << 20) + (128 << 10));
        Assert.Equal(ExitCode.Done, Command.Run(["init-labels", path, "--labels", "128K", "--label-version", "1.2"]).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["create", path, "--size", "16M", "--mode", "btt", "--name", "a"]).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["create", path, "--size", "32M", "--mode", "fsdax", "--name", "b"]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["read", path, "--length", "1"]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["read", path, "--namespace", "c", "--length", "1"]).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["write", path, "--namespace", "b", "--offset", "7"], [1, 2, 3]).Code);
        Assert.Equal([1, 2, 3], Command.Run(["read", path, "--namespace", "b", "--offset", "7", "--length", "3", "--labels", "128K"]).Output);
        Assert.Contains("btt", Command.Run(["list", path]).Text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, Command.Run(["delete", path, "--namespace", "a"]).Code);
        Assert.DoesNotContain("btt", Command.Run(["list", path]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_2_until_it_is_repaired_and_a_bad_request_is_1()
    {
        Needs.RangesBackedByFiles();
        using var folder = new TempFolder();
        string path = NewFile(folder, 32 << 20);
        Assert.Equal(ExitCode.Done, Command.Run(["format", path, "--mode", "btt"]).Code);
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 4096 + 100;
            file.WriteByte(1);
        }
        foreach (string verb in (string[])["list", "show", "check", "read"])
            Assert.Equal(ExitCode.Damaged, Command.Run([verb, path]).Code);
        Assert.Contains("copy", Command.Run(["read", path]).Text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, Command.Run(["repair", path]).Code);
        Assert.Equal(ExitCode.Done, Command.Run(["check", path]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["list", folder.At("missing")]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["list", path, "--labels", "many"]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["format", path, "--mode", "xfs"]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["read", path, "--offset", "1T", "--length", "1"]).Code);
        Assert.Equal(ExitCode.BadRequest, Command.Run(["frobnicate", path]).Code);
    }

    [Theory]
    [InlineData("100")]
    [InlineData("64K")]
    [InlineData("131073")]
    [InlineData("32M")]
    [InlineData("64M")]
    public void A_label_area_of_a_size_that_none_has_is_refused_also_where_all_is_zeros(string labels)
    {
        Needs.RangesBackedByFiles();
        using var folder = new TempFolder();
        string path = NewFile(folder, 32 << 20);
        (int code, _, string text) = Command.Run(["list", path, "--labels", labels]);
        Assert.Equal(ExitCode.BadRequest, code);
        Assert.Contains("A label area has at least 131072 bytes", text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, Command.Run(["list", path, "--labels", "128K"]).Code);
    }

    [Fact]
    public void A_message_names_no_parameter_of_the_library()
    {
        Needs.RangesBackedByFiles();
        using var folder = new TempFolder();
        (int code, _, string text) = Command.Run(["format", NewFile(folder, 32 << 20), "--mode", "btt", "--sector", "1000"]);
        Assert.Equal(ExitCode.BadRequest, code);
        Assert.Equal("A sector has 512, 520, 528, 4096, 4104, 4160, 4224 bytes, not 1000.", text.Trim());
    }

    private static string NewFile(TempFolder folder, long length)
    {
        string path = folder.At("medium.img");
        using FileStream file = File.Create(path);
        file.SetLength(length);
        return path;
    }
}
