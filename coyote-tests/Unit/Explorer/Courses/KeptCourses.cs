using System.Text;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>The files in which the courses are kept. To approve a change, run the tests with the environment variable PERCPU_ACCEPT_COURSES=1
/// and commit the files: those who have traces must be told.</summary>
internal static class KeptCourses
{
    private const string Accept = "PERCPU_ACCEPT_COURSES";
    private const int Told = 10;

    internal static void Compare(string name, List<string> lines)
    {
        string file = Repository.At($"coyote-tests/Unit/Explorer/Courses/{name}");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(file, string.Join('\n', lines) + "\n");
        string[] approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n') : [];
        var differences = new StringBuilder();
        for (int i = 0, told = 0; i < Math.Max(approved.Length, lines.Count) && told < Told; i++)
        {
            string before = i < approved.Length ? approved[i] : "", now = i < lines.Count ? lines[i] : "";
            if (before == now)
                continue;
            told++;
            differences.Append("\n- ").Append(before).Append("\n+ ").Append(now);
        }
        Assert.True(differences.Length == 0, $"Traces and seeds of yesterday lead elsewhere. If they should, run the tests with {Accept}=1 and commit {file}.{differences}");
    }
}
