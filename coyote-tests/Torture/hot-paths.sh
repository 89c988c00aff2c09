#!/usr/bin/env bash
# Counts the instructions of the hot paths (Hot.cs) in a torture program that was compiled ahead of time with its symbols, as
# MachineCodeTests does with what the JIT makes of them. Prints each beside its bound; exit code 1: one has more, or is missing.
#   dotnet publish coyote-tests/Torture -c Release -r linux-x64 -p:PublishAot=true -p:StripSymbols=false -o FOLDER
#   coyote-tests/Torture/hot-paths.sh FOLDER
# A bound is what the compiler of .NET 10.0.12 makes on x64, and up to a tenth more. On another processor it has nothing to say.
# The locked instruction in them is the full fence of a process without a process-wide one: a test of a byte jumps over it.
set -euo pipefail
program=$1/PercpuRef.Torture
if [ "$(uname)-$(uname -m)" != Linux-x86_64 ]; then
    echo "hot paths ahead of time: bounds are known for Linux on x64 only"
    exit 0
fi
command -v objdump >/dev/null || { echo "objdump is missing: it comes with binutils." >&2; exit 3; }

objdump -d --no-show-raw-insn "$program" | awk '
    BEGIN {
        split("GetPut=80 GetPutOfThread=85 RefPin=94 Put=98 ReadByte=84 ReadByteOfThread=85 Pin=106 PinOfThread=117 View=112 Cell=66 Epoch=149 CallReadByte=62 CallPin=90", pairs)
        for (i in pairs) { split(pairs[i], pair, "="); bounds[pair[1]] = pair[2] }
    }
    /^[0-9a-f]+ <.*Torture_Hot__[A-Za-z]+>:$/ { name = $2; gsub(/^.*Hot__|>:$/, "", name); inside = name in bounds; next }
    /^$/ { inside = 0 }
    inside && $2 !~ /^(nop|nopw|int3|xchg|data16|cs)/ { counts[name]++ }
    END {
        for (name in bounds) {
            verdict = !(name in counts) ? "not found" : counts[name] > bounds[name] ? "TOO MANY" : "ok"
            printf "%-18s %3d instructions, at most %3d  %s\n", name, counts[name], bounds[name], verdict
            wrong += verdict != "ok"
        }
        exit wrong > 0
    }'
