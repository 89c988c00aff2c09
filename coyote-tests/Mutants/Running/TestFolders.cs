namespace Percpu.Mutants.Running;

/// <summary>The test projects of one worker: a copy of each, made when it is first asked for.</summary>
/// <param name="builtOf">Where a project was built.</param>
/// <param name="name">Tells the worker from its like.</param>
internal sealed class TestFolders(Func<string, string> builtOf, string name) : IDisposable
{
    private readonly Dictionary<string, TestFolder> _folders = [];

    /// <summary>The copy of the project that has this namespace or class of tests.</summary>
    internal TestFolder Of(string tests)
    {
        string project = Layers.ProjectOf(tests);
        if (!_folders.TryGetValue(project, out TestFolder? folder))
            _folders.Add(project, folder = new TestFolder(builtOf(project), project, name));
        return folder;
    }

    public void Dispose()
    {
        foreach (TestFolder folder in _folders.Values)
            folder.Dispose();
    }
}
