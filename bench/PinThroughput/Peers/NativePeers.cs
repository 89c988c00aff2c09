using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Peers;

/// <summary>The programs of <c>bench/NativePeers</c>, as far as build.sh has built them.</summary>
internal sealed class NativePeers : IDisposable
{
    internal const string Build = "bash bench/NativePeers/build.sh";

    /// <summary>All there are, and the program each belongs to.</summary>
    private static readonly (string Id, string Program)[] Known =
        [
            ("c-floor-two-checks", "peers"), ("urcu-memb", "peers"), ("urcu-bp", "peers"), ("urcu-qsbr", "peers"), ("ck-epoch", "peers"),
            ("crossbeam-epoch", "crossbeam-peer"), ("c-rseq-increment", "peers"), ("c-atomic-private", "peers"), ("c-atomic-shared", "peers"),
        ];

    private readonly Dictionary<string, NativeProcess> _processes = [];
    private readonly Dictionary<string, string> _failures = [];

    internal NativePeers()
    {
        foreach (string program in Known.Select(peer => peer.Program).Distinct())
        {
            if (Find(program) is not { } path)
            {
                _failures[program] = $"not built; {Build} builds it.";
                continue;
            }
            try
            {
                _processes[program] = NativeProcess.Start(path);
            }
            catch (CheckFailedException exception)
            {
                _failures[program] = exception.Message;
            }
        }
    }

    internal static IReadOnlyList<string> Ids => [.. Known.Select(peer => peer.Id)];

    private Peer PeerOf(string id, string program)
    {
        if (!_processes.TryGetValue(program, out NativeProcess? process))
            return new Peer(id, null, _failures[program]);
        return process.Subjects.Contains(id)
            ? new Peer(id, () => new NativeSubject(id, process))
            : new Peer(id, null, $"this machine or {Build} left it out; the script says what it needs.");
    }

    internal IEnumerable<Peer> All => Known.Select(peer => PeerOf(peer.Id, peer.Program));

    public void Dispose()
    {
        foreach (NativeProcess process in _processes.Values)
            process.Dispose();
    }

    /// <summary>In the folder <c>bench/NativePeers/bin</c> above the program or the current folder.</summary>
    internal static string? Find(string program) =>
        new[] { AppContext.BaseDirectory, Environment.CurrentDirectory }
            .SelectMany(Parents)
            .SelectMany(folder => new[] { Path.Combine(folder, "NativePeers", "bin", program), Path.Combine(folder, "bench", "NativePeers", "bin", program) })
            .FirstOrDefault(File.Exists);

    private static IEnumerable<string> Parents(string folder)
    {
        for (DirectoryInfo? each = new(folder); each is not null; each = each.Parent)
            yield return each.FullName;
    }
}
