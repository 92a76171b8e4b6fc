lua5.4 -e 'local s = 0 for i = 1, 1000000 do s = s + i % 7 end print(s)
print(os.time() > 0, io.open("/nope"))
local f = io.open("/tmp/l", "w") f:write("abc\n") f:close()
for l in io.lines("/tmp/l") do print(l) end
print(io.popen("echo p"):read("a"), os.execute("exit 3"))
print(os.rename("/tmp/l", "/tmp/l2"), os.remove("/tmp/l2"), os.remove("/tmp/l2"))
print(os.getenv("HOME"), 1/3, math.pi, 2^53, 10 // 3, -7 % 3, 1e308 * 10)
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) print(co(), co(), co())
print(string.pack("<i4", 7):byte(1, 4)) print(pcall(string.rep, "x", 1 << 40))
local t = {} for i = 1, 20000 do t[i] = (i * 7919) % 10007 end table.sort(t) print(t[1], t[20000], #t)
os.exit(4)'
echo $?
