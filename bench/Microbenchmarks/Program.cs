using BenchmarkDotNet.Running;
using Percpu.Microbenchmarks;

// dotnet run -c Release --project bench/Microbenchmarks -- --filter '*'
// dotnet run -c Release --project bench/Microbenchmarks -- --anyCategories pin --job short
BenchmarkSwitcher.FromAssembly(typeof(Settings).Assembly).Run(args, new Settings());
