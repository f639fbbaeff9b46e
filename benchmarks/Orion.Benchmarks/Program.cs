// The parts of a request, each by itself, and a whole one, with what they allocate:
//
//   dotnet run -c Release --project benchmarks/Orion.Benchmarks -- --filter '*'
//   dotnet run -c Release --project benchmarks/Orion.Benchmarks -- --list flat
//   dotnet run -c Release --project benchmarks/Orion.Benchmarks -- allocated    # bytes of one list request, in a moment
//
// ORION_BENCHMARK_DATABASE names the database of the lists, as DATABASE_URL does; it is migrated and filled. Without it they use an
// embedded one in a temporary folder. How a whole request compares with the least that it could cost, benchmarks/load/run.sh tells.
using BenchmarkDotNet.Running;
using Orion.Benchmarks;

if (args is ["allocated"]) Console.WriteLine(Requests.AllocatedPerRequest());
else BenchmarkSwitcher.FromAssembly(typeof(Requests).Assembly).Run(args);
