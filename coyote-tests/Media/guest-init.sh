#!/bin/busybox sh
# Runs as init of the guest. Slot n of the machine is the n-th region by address; what each is stands in /plan: a line a
# slot, "NAME KIND SECTOR". Tells what it saw in lines that begin with RESULT.
/bin/busybox --install -s /bin
mount -t proc x /proc; mount -t sysfs x /sys; mount -t devtmpfs x /dev
for module in libnvdimm nd_btt nd_pmem device_dax dax_pmem nfit; do insmod /modules/$module.ko; done
sleep 2
say() { echo "RESULT $*"; }
text() { yes "$1" | head -c "$2"; }                       # TEXT BYTES
put() { text "$3" "$4" > /tmp/s; dd if=/tmp/s of="$1" bs="$4" seek="$2" oflag=direct conv=notrunc 2>/dev/null || say "$name write-failed $2"; }
sum() { dd if="$1" bs=1M iflag=direct 2>/dev/null | sha256sum | cut -d' ' -f1; }
disk() { ls /dev/pmem$1 /dev/pmem$1s /dev/pmem$1.* 2>/dev/null | grep "$2" | head -1; }
say kernel "$(uname -r)"
say ndctl "$(ndctl --version)"
regions=$(for r in /sys/bus/nd/devices/region[0-9]*; do echo "$(cat $r/resource) $(basename $r)"; done | awk '{ print length($1), $0 }' | sort | awk '{ print $3 }')
set -- $regions
while read -r name kind sector; do
    region=$1; shift
    n=${region#region}
    data=$sector; [ "$sector" -gt 4096 ] && data=4096
    [ "$sector" -gt 512 ] && [ "$sector" -lt 4096 ] && data=512
    # Where the kernel finds something: what the library wrote. Where it makes it: blank.
    case $kind in
    make-btt) ndctl create-namespace -f -e namespace$n.0 -m sector -l "$sector" > /dev/null || say "$name create-failed" ;;
    make-fsdax-*) ndctl create-namespace -f -e namespace$n.0 -m fsdax -M "${kind#make-fsdax-}" > /dev/null || say "$name create-failed" ;;
    make-devdax) ndctl create-namespace -f -e namespace$n.0 -m devdax > /dev/null || say "$name create-failed" ;;
    make-labels-*)
        ndctl disable-region $region > /dev/null 2>&1
        ndctl init-labels -V "${kind#make-labels-}" "$(cut -d, -f1 /sys/bus/nd/devices/$region/mapping0)" > /dev/null 2>&1
        ndctl enable-region $region > /dev/null 2>&1
        ndctl create-namespace -r $region -s 32M -m sector -l 4096 -n first > /dev/null || say "$name create-failed"
        ndctl create-namespace -r $region -s 16M -m fsdax -M mem -n second > /dev/null || say "$name create-failed" ;;
    find-labels-*) say "$name cookie $(cat /sys/bus/nd/devices/$region/set_cookie)" ;;
    esac
    case $kind in
    *fsdax*) paths="$(disk $n "pmem$n\$")" ;;
    *devdax*) say "$name devdax $(ls /sys/bus/dax/devices 2>/dev/null | grep "dax$n\\." | head -1)"; continue ;;
    *labels*) paths="$(disk $n 's$') $(disk $n "pmem$n\.[0-9]*\$")" ;;
    *) paths="$(disk $n 's$')" ;;
    esac
    i=0
    for path in $paths; do
        sectors=$(($(blockdev --getsize64 "$path") / data))
        say "$name.$i size $sectors $data"
        # A terabyte of holes takes an hour to read: there, both ends of each arena.
        if [ "$kind" = find-sparse ]; then
            for s in 0 1 2 134086519 134086520 134086521 $((sectors - 1)); do
                say "$name.$i before-$s $(dd if="$path" bs=$data skip=$s count=1 iflag=direct 2>/dev/null | sha256sum | cut -d' ' -f1)"
            done
            put "$path" 134086519 "kernel at the end of the first arena" $data
            put "$path" 134086521 "kernel at the start of the second arena" $data
        else
            say "$name.$i before $(sum "$path")"
            for s in 0 1 2 3 7 9 9 9 9 9 9 9 $((sectors - 2)) $((sectors - 1)); do
                case $kind in find-*) [ $s -lt 3 ] && continue ;; esac
                put "$path" $s "kernel $name.$i sector $s" $data
            done
            say "$name.$i after $(sum "$path")"
        fi
        i=$((i + 1))
    done
    case $kind in
    *btt|*sparse)
        ndctl disable-namespace namespace$n.0 > /dev/null 2>&1
        say "$name check $(ndctl check-namespace namespace$n.0 2>&1 | tr '\n' ' ')" ;;
    esac
done < /plan
sync
say done
poweroff -f
