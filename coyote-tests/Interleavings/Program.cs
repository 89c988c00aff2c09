return Percpu.Interleavings.CommandLine.InterleavingsCommand.Run(args);
