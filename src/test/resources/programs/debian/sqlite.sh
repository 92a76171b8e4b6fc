rows="with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
  insert into t select i, 'row ' || i from n;"
sqlite3 :memory: "create table t(a integer primary key, b text); $rows
  select count(*), sum(a), max(b), sqlite_version() from t; select printf('%.3f', 3.14159), date(0, 'unixepoch')"
sqlite3 /tmp/d.db "create table t(a integer primary key, b text); begin; $rows commit;
  create index ib on t(b); select count(*), sum(a), max(b) from t; pragma integrity_check;
  update t set b = 'z' where a % 2; select count(*) from t where b = 'z'; delete from t where a > 5000; vacuum;
  pragma journal_mode = wal; insert into t values(99999, 'w'); select count(*) from t;
  pragma mmap_size = 1000000; select sum(a) from t;"
sqlite3 /tmp/d.db "select b from t where a = 77; select * from t order by a desc limit 1"
stat -c %s /tmp/d.db
ls /tmp
