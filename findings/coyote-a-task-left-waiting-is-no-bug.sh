#!/usr/bin/env bash
# Guess: a tool that finds deadlocks also tells when a test has returned and a task that it started still waits, for ever: the wait is as
# hopeless as one that is awaited.
# Seen: Microsoft.Coyote 1.7.11 reports the awaited one in its first iteration, and the other one never: what the test's delegate has left
# is cut off at the end of the iteration, which counts as correct.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cat >App.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.Coyote.Test" Version="1.7.11" />
  </ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

static int Bugs(bool awaited)
{
    Configuration configuration = Configuration.Create().WithTelemetryEnabled(false).WithTestingIterations(100).WithRandomGeneratorSeed(1);
    using TestingEngine engine = TestingEngine.Create(configuration, async () =>
    {
        var never = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        Task task = Task.Run(async () =>
        {
            begun.SetResult();
            await never.Task;
        });
        await begun.Task;
        if (awaited)
            await task;
    });
    engine.Run();
    return engine.TestReport.NumOfFoundBugs;
}

Console.WriteLine($"bugs: left waiting {Bugs(awaited: false)}, awaited {Bugs(awaited: true)}");
CS
dotnet build -v quiet --nologo -o out >/dev/null
dotnet tool install Microsoft.Coyote.CLI --version 1.7.11 --tool-path tool >/dev/null
DOTNET_ROLL_FORWARD=Major tool/coyote rewrite out/App.dll >/dev/null
seen=$(dotnet out/App.dll | tail -n 1)
echo "$seen"
[ "$seen" = "bugs: left waiting 0, awaited 1" ]
