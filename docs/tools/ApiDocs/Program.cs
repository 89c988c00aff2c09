using System.Reflection;
using Percpu.ApiDocs;

// dotnet run --project docs/tools/ApiDocs -- FOLDER: one Markdown file per public type, from the XML comments.
if (args is not [var folder])
{
    Console.Error.WriteLine("Usage: ApiDocs FOLDER");
    return 1;
}
int files = 0;
foreach (string name in (string[])["PercpuRef", "PercpuRef.Pagemap"])
    files += ApiDocsWriter.Write(Assembly.Load(name), folder);
Console.WriteLine($"{files} files in {Path.GetFullPath(folder)}");
return 0;
