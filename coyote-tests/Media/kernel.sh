#!/bin/bash
# The judges of the formats: a Linux kernel with ndctl in QEMU, and libpmemblk. Both directions: they open what the library
# wrote, and the library opens what they wrote. One boot, without KVM; a few minutes with the packages. Needs root for apt.
#     bash coyote-tests/Media/kernel.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
passes=0
ok() { passes=$((passes + 1)); }
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
same() { if [ "$2" = "$3" ]; then ok; else fail "$1: '$2' and '$3'"; fi; }

packages="qemu-system-x86 seabios ndctl cpio libpmemblk-dev gcc"
dpkg -s $packages > /dev/null 2>&1 || { apt-get update -q > /dev/null; DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $packages > /dev/null; }
cd "$work"
mkdir root debs
chmod 755 . debs
(cd debs && apt-get download -q "$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')" busybox-static > /dev/null 2>&1)
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done

dotnet build -v q -c Release -o "$work/tool" "$here/../../docs/examples/Namespaces" > "$work/build.log" || { cat "$work/build.log"; exit 1; }
tool() { "$work/tool/Namespaces" "$@"; }
text() { yes "$1" 2> /dev/null | head -c "$2" || true; }
# A blank image whose data area holds something, to see that sectors never written are the block as it is.
blank() { truncate -s "$2" "$1"; if [ "${3:-}" = filled ]; then head -c 2M /dev/zero | tr '\0' '\245' | dd of="$1" bs=64K oflag=seek_bytes seek=8192 conv=notrunc status=none; fi; }

# What the library makes, and its label cookies: what QEMU's slots 0 (labels 1.1) and 1 (labels 1.2) are known by.
truncate -s $((64 * 1048576 + 131072)) lib-labels-1.1.img lib-labels-1.2.img
tool init-labels lib-labels-1.1.img --labels 128K > /dev/null
tool init-labels lib-labels-1.2.img --labels 128K --label-version 1.2 > /dev/null
tool create lib-labels-1.1.img --size 32M --mode btt --sector 4096 --name first --cookie 0x2468ac00123456 > /dev/null
tool create lib-labels-1.1.img --size 16M --mode fsdax --map mem --name second > /dev/null
tool create lib-labels-1.2.img --size 32M --mode btt --sector 4096 --name first --cookie 0xba901c0012b4dd > /dev/null
tool create lib-labels-1.2.img --size 16M --mode fsdax --map mem --name second > /dev/null
for sector in 512 4096 4104; do
    blank lib-btt$sector.img 32M filled
    tool format lib-btt$sector.img --mode btt --sector $sector > /dev/null
done
truncate -s 64M lib-fsdax-dev.img lib-fsdax-mem.img lib-devdax.img
tool format lib-fsdax-dev.img --mode fsdax --map dev > /dev/null
tool format lib-fsdax-mem.img --mode fsdax --map mem > /dev/null
tool format lib-devdax.img --mode devdax > /dev/null
truncate -s $((512 * 1073741824 + 32 * 1048576)) lib-sparse.img
tool format lib-sparse.img --mode btt --sector 4096 > /dev/null

put() { text "$4" "$2" | tool write "$1" --offset $(($2 * $3)) "${@:5}"; }
for image in lib-labels-1.1 lib-labels-1.2; do
    for n in 0 1 2; do
        put $image.img 4096 $n "library first sector $n" --namespace first
        put $image.img 4096 $n "library second page $n" --namespace second
    done
done
for sector in 512 4096 4104; do for n in 0 1 1 2 5; do put lib-btt$sector.img $sector $n "library sector $n"; done; done
for map in dev mem; do for n in 0 1 2; do put lib-fsdax-$map.img 4096 $n "library page $n"; done; done
for n in 0 1 134086519 134086520 134094439; do put lib-sparse.img 4096 $n "library sector $n"; done

truncate -s $((64 * 1048576 + 131072)) linux-labels-1.1.img linux-labels-1.2.img
for sector in 512 4096 4104; do blank linux-btt$sector.img 32M filled; done
truncate -s 64M linux-fsdax-dev.img linux-fsdax-mem.img linux-devdax.img

cat > plan <<PLAN
lib-labels-1.1 find-labels-1.1 4096
lib-labels-1.2 find-labels-1.2 4096
lib-btt512 find-btt 512
lib-btt4096 find-btt 4096
lib-btt4104 find-btt 4104
lib-fsdax-dev find-fsdax-dev 4096
lib-fsdax-mem find-fsdax-mem 4096
lib-devdax find-devdax 4096
linux-labels-1.1 make-labels-1.1 4096
linux-labels-1.2 make-labels-1.2 4096
linux-btt512 make-btt 512
linux-btt4096 make-btt 4096
linux-btt4104 make-btt 4104
linux-fsdax-dev make-fsdax-dev 4096
linux-fsdax-mem make-fsdax-mem 4096
linux-devdax make-devdax 4096
lib-sparse find-sparse 4096
PLAN

# A disk as the kernel shows it: without the metadata of each sector.
shown() {
    local image=$1 sector=$2; shift 2
    if [ "$sector" = 4104 ]; then tool read "$image" "$@" | perl -e 'binmode STDIN; binmode STDOUT; while (read(STDIN, $s, 4104)) { print substr($s, 0, 4096) }'
    else tool read "$image" "$@"; fi
}
sum() { shown "$@" | sha256sum | cut -d' ' -f1; }
name() { [ "$1" = 0 ] && echo first || echo second; }
declare -A before
while read -r image kind sector; do
    case $kind in
    find-labels*) for i in 0 1; do before[$image.$i]=$(sum $image.img $sector --namespace "$(name $i)"); done ;;
    find-btt|find-fsdax*) before[$image.0]=$(sum $image.img $sector) ;;
    find-sparse) for s in 0 1 2 134086519 134086520 134086521 134094439; do before[$image.$s]=$(sum $image.img $sector --offset $((s * 4096)) --length 4096); done ;;
    esac
done < plan

bash "$here/initramfs.sh" root "$here/guest-init.sh" initramfs.gz plan
arguments=()
slot=0
while read -r image kind sector; do
    labels=; case $kind in *labels*) labels=,label-size=128K ;; esac
    arguments+=(-object "memory-backend-file,id=m$slot,share=on,mem-path=$image.img,size=$(stat -c %s $image.img)" -device "nvdimm,id=n$slot,memdev=m$slot,slot=$slot$labels")
    slot=$((slot + 1))
done < plan
start=$(date +%s)
timeout 900 qemu-system-x86_64 -machine q35,nvdimm=on,accel=tcg -cpu max -smp 2 -m 1G,slots=32,maxmem=640G -nographic -no-reboot \
    -kernel root/boot/vmlinuz-* -initrd initramfs.gz -append "console=ttyS0 quiet panic=-1" "${arguments[@]}" < /dev/null > console.log 2>&1 || true
tr -d '\r' < console.log | grep -a -o 'RESULT .*' > results || true
echo "QEMU: $(qemu-system-x86_64 --version | head -1), $(grep -c . plan) media, $(($(date +%s) - start)) s; kernel $(awk '$2 == "kernel" { print $3 }' results), ndctl $(awk '$2 == "ndctl" { print $3 }' results)"
grep -q 'RESULT done' results || { fail "the guest did not end"; tail -30 console.log; }
result() { awk -v n="$1" -v k="$2" '$2 == n && $3 == k { sub(/^RESULT [^ ]+ [^ ]+ /, ""); print; exit }' results; }
grep -a 'failed' results && fail "something failed in the guest" || ok

while read -r image kind sector; do
    case $kind in
    *labels*) for i in 0 1; do
            [ "${kind#find}" = "$kind" ] || same "$image.$i as the library wrote it" "$(result $image.$i before)" "${before[$image.$i]}"
            same "$image.$i as the kernel left it" "$(sum $image.img $sector --namespace "$(name $i)")" "$(result $image.$i after)"
        done ;;
    *devdax) [ -n "$(result $image devdax)" ] && ok || fail "$image has no dax device" ;;
    *sparse) for s in 0 1 2 134086519 134086520 134086521 134094439; do same "$image sector $s" "$(result $image.0 before-$s)" "${before[$image.$s]}"; done
        same "$image, end of the first arena" "$(sum $image.img 4096 --offset $((134086519 * 4096)) --length 4096)" "$(text 'kernel at the end of the first arena' 4096 | sha256sum | cut -d' ' -f1)"
        same "$image, start of the second arena" "$(sum $image.img 4096 --offset $((134086521 * 4096)) --length 4096)" "$(text 'kernel at the start of the second arena' 4096 | sha256sum | cut -d' ' -f1)" ;;
    *)  [ "${kind#find}" = "$kind" ] || same "$image as the library wrote it" "$(result $image.0 before)" "${before[$image.0]}"
        same "$image as the kernel left it" "$(sum $image.img $sector)" "$(result $image.0 after)" ;;
    esac
    # ndctl 76.1 refuses sectors of 4104 bytes, those of its own making as well: the two must agree.
    case $kind$sector in *btt4104) [ "${image#linux}" = "$image" ] || same "ndctl check-namespace of both media of 4104" "$(result $image check | sed 's/^[^:]*//')" "$(result lib-btt4104 check | sed 's/^[^:]*//')" ;;
    *btt*|*sparse*) same "ndctl check-namespace of $image" "$(result $image check)" "checked 1 namespace " ;; esac
    tool check $image.img > check.log && ok || { fail "check of $image"; cat check.log; }
    tool list $image.img > list.log && ok || { fail "list of $image"; cat list.log; }
done < plan

# libpmemblk: pools that it writes and the library reads, and the other way round.
gcc -O1 -o pmdk "$here/pmdk.c" -lpmemblk
pmdk() { ./pmdk "$@"; }
for sector in 512 4096 4104 5000; do
    pool=pool$sector.img
    rm -f $pool
    pmdk create $pool $sector 33554432
    same "$pool, never written" "$(tool read $pool --length $sector | tr -d '\0' | wc -c)" 0
    cp $pool fresh$pool
    for n in 0 1 1 2 9 9 9 9 9 9 9; do pmdk write $pool $sector $n "pmdk sector $n"; done
    pmdk zero $pool $sector 3
    pmdk error $pool $sector 4
    # The library formats a pool that libpmemblk made and never wrote, and goes on in one that it wrote.
    for file in $pool fresh$pool; do
        for n in 5 6 6 9; do text "library sector $n" $sector | tool write $file --offset $((n * sector)); done
        pmdk check $file $sector && ok || fail "pmemblk_check of $file"
        tool check $file > check.log && ok || { fail "check of $file"; cat check.log; }
        for n in 0 1 2 3 5 6 9 11; do
            same "$file sector $n" "$(pmdk read $file $sector $n | sha256sum)" "$(tool read $file --offset $((n * sector)) --length $sector | sha256sum)"
        done
        same "$file sector 6" "$(pmdk read $file $sector 6 | sha256sum)" "$(text 'library sector 6' $sector | sha256sum)"
        pmdk write $file $sector 6 "pmdk again"
        same "$file sector 6 again" "$(tool read $file --offset $((6 * sector)) --length $sector | sha256sum)" "$(text 'pmdk again' $sector | sha256sum)"
    done
    set +e; tool read $pool --offset $((4 * sector)) --length $sector > /dev/null 2>&1; same "$pool sector in error" $? 2; set -e
    text healed $sector | tool write $pool --offset $((4 * sector))
    same "$pool healed" "$(pmdk read $pool $sector 4 | sha256sum)" "$(text healed $sector | sha256sum)"
done
echo "libpmemblk $(dpkg-query -W -f '${Version}' libpmemblk-dev): sectors of 512, 4096, 4104 and 5000 bytes"
echo "$passes checks passed, $failures failed"
[ $failures = 0 ]
