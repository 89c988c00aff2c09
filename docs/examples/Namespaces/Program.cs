using Percpu.Examples.Namespaces;

using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
return NamespacesCommand.Run(args, new Terminal(input, output, Console.Out, Console.Error));
