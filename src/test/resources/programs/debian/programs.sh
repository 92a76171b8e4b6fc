cd /tmp
seq 1 3000 >n
xz -0k n; xz -dc n.xz | cmp - n && echo xz; xz -0 -T2 -c n | xz -dc | cmp - n && echo threads; xz -l n.xz | tail -n 1 | cut -c1-20; xz -0 --format=lzma -c n | xz -dc | cmp - n; zstd --version >/dev/null 2>&1; echo $?
file -m /usr/lib/file/magic.mgc n n.xz /bin/bash /dev/null /proc
echo 'scale=30; 4*a(1); 2^200; sqrt(2)' | bc -l
echo '{"a":[1,2,{"b":"x"}],"c":null}' | jq -c '.a[2].b, (.a|length), keys, (.a[:2]|add), (. as {a:[$x]} | $x), ([range(5)]|map(.*2))'
gawk 'BEGIN { "echo hi" | getline x; print x, strftime("%Y", 0, 1), sprintf("%.3f", 22/7); n = split("c a b", q); asort(q); for (i = 1; i <= n; i++) printf "%s ", q[i]; print ""; print "b\na" | "sort"; close("sort"); print gensub(/a(.)/, "<\\1>", "g", "abac"), and(12, 10), length(PROCINFO) > 0; cmd = "cat"; print "both ways" |& cmd; close(cmd, "to"); cmd |& getline y; print y }'
openssl dgst -sha256 n; printf 'a\nb\n' >v; vim.tiny -u NONE -es +'%s/a/changed/' +wq v; cat v
cat >h.s <<'E'
.globl _start
_start: li a7,64
 li a0,1
 la a1,m
 li a2,6
 ecall
 li a7,93
 li a0,7
 ecall
.data
m: .ascii "hello\n"
E
as -o h.o h.s && ld -o h h.o && ./h; echo $?; nm h.o; ar rc l.a h.o && ar t l.a; strip h && ./h; objdump -d h.o | tail -n 3; size h.o | tail -n 1 | cut -f1-3
perl -e 'pipe R, W; for my $i (1 .. 3) { next if fork; close R; print W "child $i\n"; exit $i } close W; print sort <R>; my $sum = 0; $sum += $? >> 8 while wait > 0; print "$sum\n"; my @l = map { chomp; $_ } `printf "b\na\n" | sort`; print "@l\n"; open P, "|cat"; print P "to cat\n"; close P; open P, "-|" or exec "echo", "from echo"; print <P>; close P; socketpair A, B, 1, 1, 0; syswrite A, "x"; sysread B, $b, 1; print "$b\n"; local $SIG{CHLD} = sub { wait; print "chld\n" }; fork or exit; select undef, undef, undef, 1; kill "TERM", $$ if 0; local $SIG{USR1} = sub { die "usr1\n" }; eval { kill "USR1", $$; sleep 1 }; print $@'
export GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000' GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_NOSYSTEM=1
git -c init.defaultBranch=main init -q r && cd r
for i in 1 2; do echo line $i >>f; git add f; git commit -q -m "c $i"; done
git checkout -q -b other HEAD~1; echo x >g; git add g; git commit -q -m g; git merge -q main -m merge; git log --oneline --graph; git diff HEAD~1 --stat; git status -s; git fsck 2>/dev/null; git rev-parse HEAD; git stash list; git grep -n line; git cat-file -p HEAD | head -n 1; git mv f h; git status -s; git tag t; git describe --tags
