using BenchmarkDotNet.Running;
using Percpu.Microbenchmarks;

// dotnet run -c Release --project bench/Microbenchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(Settings).Assembly).Run(args, new Settings());
