using System.CommandLine;
using Lucene.Net.Store;
using Percpu.Buffers;
using Percpu.Lucene;
using Directory = System.IO.Directory;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace Percpu.HostThroughput.Lucene;

/// <summary>Many files open at once: to be run under a low <c>ulimit -n</c>.</summary>
internal static class FilesCommand
{
    internal static Command Create()
    {
        var files = new Option<int>("--files") { DefaultValueFactory = _ => 3_000 };
        var theirs = new Option<bool>("--theirs") { Description = "MMapDirectory, for control." };
        var command = new Command("lucene-files", "Opens that many files at once and reads each; run it under `ulimit -n 256`.") { files, theirs };
        command.SetAction(parsed => Run(parsed.GetValue(files), parsed.GetValue(theirs)));
        return command;
    }

    private static int Run(int files, bool theirs)
    {
        string path = Directory.CreateTempSubdirectory("percpu-files-").FullName;
        var inputs = new List<IndexInput>(files);
        try
        {
            using LuceneDirectory directory = theirs ? new MMapDirectory(path) : new PercpuDirectory(path);
            for (int i = 0; i < files; i++)
            {
                using IndexOutput output = directory.CreateOutput($"f{i}", IOContext.DEFAULT);
                output.WriteInt32(i);
            }
            for (int i = 0; i < files; i++)
                inputs.Add(directory.OpenInput($"f{i}", IOContext.READ));
            for (int i = 0; i < files; i++)
            {
                if (inputs[i].ReadInt32() != i)
                    throw new InvalidDataException($"File {i} holds something else.");
            }
            inputs.ForEach(input => input.Dispose());
            Console.WriteLine($"{files} files open at once, {MappedMemory.TotalMappedBytes} bytes left mapped");
            return MappedMemory.TotalMappedBytes == 0 ? 0 : 1;
        }
        catch (IOException exception)
        {
            inputs.ForEach(input => input.Dispose());
            Console.WriteLine($"{inputs.Count} of {files} files: {exception.Message}");
            return 1;
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
