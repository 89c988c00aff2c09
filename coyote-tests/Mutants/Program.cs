return Percpu.Mutants.MutantsCommand.Run(args);
