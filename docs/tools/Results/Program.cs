namespace Percpu.Results;

/// <summary>Fills every table of the documents from the result files, and draws every plot. With <c>--check</c> it writes nothing
/// and ends with 1 if something differs.</summary>
internal static class Program
{
    private const int Differs = 1, BadInput = 2;

    private static int Main(string[] arguments)
    {
        if (arguments is not ([] or ["--check"]))
        {
            Console.Error.WriteLine("usage: dotnet run --project docs/tools/Results [-- --check]");
            return BadInput;
        }
        try
        {
            var documents = new Documents(RepositoryRoot.Find());
            IReadOnlyList<Document> outdated = [.. documents.Outdated()];
            foreach (Document document in outdated)
            {
                Console.WriteLine(document.Path);
                if (arguments.Length == 0)
                    document.Write();
            }
            Console.WriteLine(arguments.Length == 0 ? $"{outdated.Count} files written." : $"{outdated.Count} files differ from their results.");
            return arguments.Length != 0 && outdated.Count != 0 ? Differs : 0;
        }
        catch (InvalidDataException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return BadInput;
        }
    }
}
