using BenchmarkDotNet.Running;
using Percpu.Microbenchmarks;

// dotnet run -c Release --project bench/Microbenchmarks -- --filter '*'
// dotnet run -c Release --project bench/Microbenchmarks -- --anyCategories pin --job short
// An iteration time under some 200 ms measures code that the JIT has not optimised yet.
BenchmarkSwitcher.FromAssembly(typeof(Settings).Assembly).Run(args, new Settings());
