using System.CommandLine;
using Percpu.HostThroughput;
using Percpu.HostThroughput.Arrow;
using Percpu.HostThroughput.Kestrel;
using Percpu.HostThroughput.Lucene;

var root = new RootCommand("The library under real hosts: Lucene.Net, Apache.Arrow, Kestrel. Subjects alternate, each in a child process.");
root.Subcommands.Add(LuceneCommand.Create());
root.Subcommands.Add(StormCommand.Create());
root.Subcommands.Add(FilesCommand.Create());
root.Subcommands.Add(ArrowCommand.Create());
root.Subcommands.Add(KestrelCommand.Create());
root.Subcommands.Add(LoadCommand.Create());
return await root.Parse(args).InvokeAsync();
