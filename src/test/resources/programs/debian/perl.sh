perl -e '$| = 1; print "hi $]\n"; my %h = (a => 1, b => 2); print join(",", map { "$_=$h{$_}" } sort keys %h), "\n";
open F, ">/tmp/p"; print F "x\ny\n"; close F; open F, "/tmp/p"; print while <F>; printf "%.3f\n", atan2(1, 1) * 4;
my $pid = fork; if (!$pid) { exit 3 } waitpid $pid, 0; print $? >> 8, "\n"; print `echo back`;
$SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select undef, undef, undef, 3;
print "ok\n" if "foobar" =~ /o+b/; print -s "/tmp/p", "\n"; pipe R, W; syswrite W, "abc"; sysread R, $x, 3; print "$x\n";
my $bits = ""; vec($bits, fileno(R), 1) = 1; print scalar(select(my $out = $bits, undef, undef, 0.01)), "\n";
syswrite W, "d"; print scalar(select($out = $bits, undef, undef, 5)), vec($out, fileno(R), 1), "\n";
print scalar(gmtime(0)), "\n"; opendir D, "/"; print scalar(grep { /^bin$/ } readdir D), "\n";
system "exit 5"; print $? >> 8, "\n"; unlink "/tmp/p"; print -e "/tmp/p" ? "there\n" : "gone\n";
my $s = 0; $s += $_ for 1 .. 100000; print "$s\n"; mkdir "/tmp/pd" and print "d\n"; utime 5, 6, "/tmp/pd";
print join(" ", (stat "/tmp/pd")[8, 9]), "\n"; rmdir "/tmp/pd"; print getpriority(0, 0), "\n";
die "dead\n"'
echo $?
