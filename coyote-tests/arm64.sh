#!/usr/bin/env bash
# The torture segments and the unit tests on arm64, emulated by qemu: what the compiler makes of the source there, and the shipped
# assemblies on it. An emulator on x64 keeps x64's order of memory, so missing fences are for the explorer's arm64 models.
#   coyote-tests/arm64.sh                       everything; about an hour on two cores
#   coyote-tests/arm64.sh --seconds 20          for each torture segment (default 60)
#   coyote-tests/arm64.sh --only Counting,Hmm   these namespaces of the unit tests ("Torture" for the segments)
# Outside CI: Debian or Ubuntu on x64, apt-get as root. Exit code 0: everything held.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

seconds=60 only=""
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds=$2; shift 2 ;;
        --only) only=",$2,"; shift 2 ;;
        *) echo "Unknown option $1: see the head of $0." >&2; exit 2 ;;
    esac
done
wanted() { [ -z "$only" ] || [[ "$only" == *",$1,"* ]]; }

packages=(qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross libstdc++6-arm64-cross)
for package in "${packages[@]}"; do
    if ! dpkg -s "$package" >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -y -qq "${packages[@]}" >/dev/null || { echo "apt-get could not install ${packages[*]}." >&2; exit 3; }
        break
    fi
done

# Inside the repository: tests about the source look for it above themselves.
mkdir -p coyote-tests/Unit/bin
work=$(mktemp -d "$PWD/coyote-tests/Unit/bin/arm64.XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "== Building"
# The runtime comes with a self-contained publish; the programs themselves run on a framework in a folder of its own, as on any machine:
# in a self-contained folder the compiler that some tests call finds every type twice.
dotnet publish coyote-tests/Torture -c Release -r linux-arm64 --self-contained -o "$work/self" >"$work/build.log" 2>&1 &&
    dotnet build coyote-tests/Torture -c Release -o "$work/torture" >>"$work/build.log" 2>&1 &&
    dotnet build coyote-tests/Unit -c Release >>"$work/build.log" 2>&1 && cp -r coyote-tests/Unit/bin/Release/net10.0 "$work/unit" || { cat "$work/build.log"; exit 1; }
version=$(sed -n 's/.*"Microsoft.NETCore.App", *//; s/.*"version": *"\([0-9.]*\)".*/\1/p' "$work/self/PercpuRef.Torture.runtimeconfig.json" | head -1)
root="$work/dotnet-arm64"
framework="$root/shared/Microsoft.NETCore.App/$version"
mkdir -p "$framework" "$root/host/fxr/$version"
find "$work/self" -maxdepth 1 -type f ! -name 'PercpuRef*' -exec cp {} "$framework/" \;
mv "$framework/libhostfxr.so" "$root/host/fxr/$version/"
cat >"$framework/Microsoft.NETCore.App.deps.json" <<EOF
{"runtimeTarget":{"name":".NETCoreApp,Version=v${version%%.*}.0/linux-arm64","signature":""},"targets":{".NETCoreApp,Version=v${version%%.*}.0":{},".NETCoreApp,Version=v${version%%.*}.0/linux-arm64":{"Microsoft.NETCore.App.Runtime.linux-arm64/$version":{"runtime":{$(cd "$framework" && ls *.dll | sed 's/.*/"&":{}/' | paste -sd,)},"native":{$(cd "$framework" && ls *.so | sed 's/.*/"&":{}/' | paste -sd,)}}}},"libraries":{"Microsoft.NETCore.App.Runtime.linux-arm64/$version":{"type":"package","serviceable":true,"sha512":""}}}
EOF

# What the command `dotnet` does, which no package has for arm64: it hands its arguments to the resolver of hosts.
cat >"$work/host.c" <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
int main(int count, const char **arguments) {
    const char *root = getenv("ARM64_ROOT");
    char host[4096], application[4096];
    snprintf(host, sizeof host, "%s/dotnet", root);
    snprintf(application, sizeof application, "%s/dotnet.dll", root);
    void *library = dlopen(getenv("ARM64_HOSTFXR"), RTLD_NOW);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    int (*run)(int, const char **, const char *, const char *, const char *) =
        (int (*)(int, const char **, const char *, const char *, const char *))dlsym(library, "hostfxr_main_startupinfo");
    return run(count, arguments, host, root, application);
}
EOF
aarch64-linux-gnu-gcc -O1 -o "$root/emulated" "$work/host.c" -ldl || exit 1
# The test platform hashes by OpenSSL, for which there is no package of the cross kind: arm64's own, without making this machine one that
# installs for two architectures.
apt="$work/apt"
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" && : >"$apt/status"
own=(-o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root)
(cd "$apt" && apt-get "${own[@]}" update -qq && apt-get "${own[@]}" download -qq libssl3 2>/dev/null && dpkg -x libssl3_*.deb "$work/ssl") ||
    { echo "apt-get could not fetch libssl3 for arm64." >&2; exit 3; }
# Tests start programs of their own with the host beside the shared framework: this one.
# EnableWriteXorExecute: qemu 7.2 runs stale translations of pages that the runtime maps twice, to write and to execute.
# GCHeapHardLimit: it keeps bookkeeping for each reserved page for ever, and a default heap reserves 256 GiB.
# Invariant globalisation: programs that tests start have no ICU there.
cat >"$root/dotnet" <<EOF
#!/bin/sh
export DOTNET_EnableWriteXorExecute=0 DOTNET_GCHeapHardLimit=0x60000000 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export PERCPU_HOST="$root/dotnet" ARM64_ROOT="$root" ARM64_HOSTFXR="$root/host/fxr/$version/libhostfxr.so"
exec qemu-aarch64-static -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$work/ssl/usr/lib/aarch64-linux-gnu" "$root/emulated" "\$@"
EOF
chmod +x "$root/dotnet"
# Tests that pack and build call the SDK, which no package has for arm64: this machine's own, without what the emulator needs.
cat >"$work/sdk" <<EOF
#!/bin/sh
unset DOTNET_EnableWriteXorExecute DOTNET_GCHeapHardLimit DOTNET_SYSTEM_GLOBALIZATION_INVARIANT LD_LIBRARY_PATH
exec "$(command -v dotnet)" "\$@"
EOF
chmod +x "$work/sdk"
export PERCPU_SDK="$work/sdk"

failed=0
# Ends a command after a time (1), or when all its processes together hold more memory than allowed (2).
bounded() { # SECONDS GIB COMMAND...
    local limit=$1 most=$(($2 << 20)) started=$SECONDS
    shift 2
    setsid "$@" &
    local leader=$! held
    while kill -0 "$leader" 2>/dev/null; do
        held=$(ps -o rss= -g "$leader" | awk '{ held += $1 } END { print held + 0 }')
        if [ $((SECONDS - started)) -gt "$limit" ] || [ "$held" -gt "$most" ]; then
            echo "Ended after $((SECONDS - started)) s with $((held >> 10)) MiB: the bounds are $limit s and $((most >> 10)) MiB."
            kill -9 -- "-$leader"
            wait "$leader" 2>/dev/null
            [ "$held" -gt "$most" ] && return 2 || return 1
        fi
        sleep 1
    done
    wait "$leader"
}

uname -m; "$root/dotnet" exec "$work/torture/PercpuRef.Torture.dll" --list >/dev/null || { echo "The runtime does not start under qemu." >&2; exit 1; }
echo "== .NET $version for arm64 under $(qemu-aarch64-static --version | head -1)"
if wanted Torture; then
    echo "== Torture, $seconds s a segment"
    # Without `threads`: thousands of them take an emulator longer than the segment's patience.
    bounded $((seconds * 9 + 600)) 12 "$root/dotnet" exec "$work/torture/PercpuRef.Torture.dll" --seconds $((seconds * 9)) \
        --workload litmus,count,epoch,mapped,pagemap,device || failed=1
fi
unit() { bounded 3600 12 "$root/dotnet" exec "$work/unit/PercpuRef.Unit.dll" "$@" -maxThreads 2 -noColor -noLogo </dev/null; }
listed() { # KIND OPTION VALUE: the names of a kind, classes, methods or tests
    "$root/dotnet" exec "$work/unit/PercpuRef.Unit.dll" "$2" "$3" -preEnumerateTheories -list "$1" -noColor -noLogo </dev/null | grep '^Percpu\.Unit\.'
}
# The emulator keeps its books of reserved pages for as long as a process lives, 24 bytes a page: tests that map media of half a terabyte
# have a process for each class, and where that is too much, for each of its methods, or for each row of data.
in_parts() { # OPTION VALUE: 0 held, 1 not, 2 too much at once
    unit -preEnumerateTheories "$@"
    case $? in
        0) return 0 ;;
        2) echo "One by one: $2"; return 2 ;;
        *) return 1 ;;
    esac
}
one_by_one() { # NAMESPACE
    local class method row held=0
    for class in $(listed classes -namespace "$1"); do
        in_parts -class "$class"
        case $? in 0) continue ;; 1) held=1; continue ;; esac
        for method in $(listed methods -class "$class"); do
            in_parts -method "$method"
            case $? in 0) continue ;; 1) held=1; continue ;; esac
            while read -r row <&3; do unit -preEnumerateTheories -displayName "$row" || held=1; done 3< <(listed tests -method "$method")
        done
    done
    return $held
}
for space in $(find coyote-tests/Unit -mindepth 1 -maxdepth 1 -type d ! -name bin ! -name obj ! -name Support -printf '%f\n' | sort); do
    wanted "$space" || continue
    echo "== Unit tests: $space"
    case $space in
        Media) one_by_one "Percpu.Unit.$space" || failed=1 ;;
        # The explorer reserves 32 GiB for each program that it runs beside another.
        Explorer) for part in Explorer Explorer.Words Explorer.Coyote; do one_by_one "Percpu.Unit.$part" || failed=1; done ;;
        # These compile variants of the packages and run programs against each.
        Failures) for part in Failures Failures.Injected Failures.Shortages; do one_by_one "Percpu.Unit.$part" || failed=1; done ;;
        *) unit -namespace "Percpu.Unit.$space" -namespace "Percpu.Unit.$space.*" || failed=1 ;;
    esac
done
[ "$failed" -eq 0 ] && echo "All held on arm64." || echo "Not all held on arm64."
exit "$failed"
