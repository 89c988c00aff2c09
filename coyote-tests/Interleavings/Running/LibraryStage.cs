using Percpu.Interleavings.Model;
using Percpu.Memory;

namespace Percpu.Interleavings.Running;

/// <summary>What scenarios of the library build their stories from, besides what every <see cref="Stage"/> has.</summary>
internal static class LibraryStage
{
    extension(Stage stage)
    {
        /// <summary>A thread that has counted before: its stripe area is there.</summary>
        internal ModelThread Thread(string name, Action body)
        {
            ModelThread thread = stage.NewThread(name, body);
            Execution.RunAs(thread, static () =>
            {
                if (!PerProcess.Stripes.TryAttachThread())
                    throw new InvalidOperationException("No stripe area.");
            });
            return thread;
        }

        /// <summary>An epoch domain of this execution. Its words are named "epoch".</summary>
        internal EpochDomain Domain(bool background = false) =>
            stage.Named(new EpochDomain(new EpochDomainOptions { BackgroundReclaim = background }), "epoch");
    }
}
