busybox sh -c 'busybox seq 3 | busybox awk "{s += \$1} END {print s}"
cd /tmp
busybox mkdir -p tree/a/b; echo one >tree/a/x; echo two >tree/a/b/y
busybox tar cf tree.tar tree && busybox tar tf tree.tar | busybox sort
busybox tar xOf tree.tar tree/a/b/y
busybox find tree -type f | busybox sort
busybox sed s/a/b/ <<X
aaa
X
busybox gzip -c /bin/sh | busybox gunzip | busybox cmp - /bin/sh && echo gzip
busybox dd if=/dev/zero bs=1k count=3 2>/dev/null | busybox wc -c
busybox xxd tree/a/x; busybox stat -c %s tree/a/x; busybox cat /proc/self/comm; busybox nproc
busybox pgrep zzz; echo $?
busybox id; busybox touch -d @7 seven; busybox stat -c %Y seven
echo "b a" | busybox xargs -n 1 busybox echo; busybox usleep 10; busybox uname -m
busybox cp -a tree copy; busybox diff -r tree copy && echo alike; busybox rm -r tree copy; busybox ls'
echo "# a zombie"
sh -c 'sh -c "exit 3" & exec busybox sleep 3' &
busybox sleep 1
busybox ps -o stat,comm,args | busybox grep '^Z'
for found in /proc/[0-9]*; do
  read -r line <$found/stat
  case $line in *"(sh) Z "*) zombie=$found ;; esac
done
busybox grep -E 'Name|State|FDSize|Threads|Vm' $zombie/status
busybox cat $zombie/comm $zombie/cmdline $zombie/maps $zombie/statm
busybox cut -d' ' -f2-3,18-20,23-26,52 $zombie/stat
(cd $zombie && busybox ls fd fdinfo)
busybox cat $zombie/environ >/dev/null 2>&1 || echo "no environment"
wait
