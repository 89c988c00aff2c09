using Percpu.Examples.KestrelPool;
using Percpu.HostThroughput.Kestrel;
bool own = args[0] == "own";
await using var factory = new SlabPoolFactory();
await using Server server = await Server.StartAsync(own ? null : factory, 5055);
await Task.Delay(TimeSpan.FromSeconds(double.Parse(args[1])));
return 0;
