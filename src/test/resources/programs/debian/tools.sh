cd /tmp
printf 'all: a b c\n\t@printf "all\\n"\na b c:\n\t@sleep 0.01; echo made $@ >$@\nrec:\n\t+@$(MAKE) --no-print-directory all\n' >Makefile
make -j3 rec
cat a b c
mkdir -p tree/deep && for i in 1 2 3; do echo "line $i of many" >tree/$i; done; cp tree/1 tree/deep/four
find tree -type f -newer Makefile | sort
grep -rn 'of m' tree | sort
sed -n 's/line \([0-9]\).*/\1!/p' tree/2 tree/3
mawk '{ sum += $2; for (i = 1; i <= NF; i++) seen[$i]++ } END { print sum, seen["of"] }' tree/1 tree/2 tree/3
tar -czf tree.tar.gz tree && tar -tzf tree.tar.gz | sort
mkdir again && tar -C again -xzf tree.tar.gz && diff -r tree again/tree && echo alike
echo changed >again/tree/2; diff -u tree/2 again/tree/2 | tail -n 2; diff -rq tree again/tree
gzip -9 <Makefile | gzip -dc | cmp - Makefile && echo back
printf 'a\nhello\nworld\n.\n1,$s/o/0/\n,p\nw x\nq\n' | ed
echo '2 100 ^ p 20 k 2 v p' | dc
cat >events.tcl <<'X'
puts [expr {2**100}]
after 10 {set x 1}
vwait x
set f [open "|cat" r+]
fconfigure $f -blocking 0 -buffering line
fileevent $f readable {gets $f line; puts "got $line"; set y 1}
puts $f hello
vwait y
close $f
puts [exec printf sub]
X
tclsh8.6 events.tcl
mkfifo queue; (echo through >queue) & cat queue; wait
touch own; chown 12:34 own; stat -c '%u %g %F' own queue; chmod 4755 own; chown 0 own; stat -c '%u %a' own
timeout 0.05 sleep 9; echo $?
(ulimit -n 20; sh -c 'ulimit -n'); kill -l 15
