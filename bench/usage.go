package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is the processor time used by each part of the stack.
type usage map[string]time.Duration

// since is what was used after an earlier reading.
func (u usage) since(before usage) usage {
	out := usage{}
	for name, now := range u {
		out[name] = max(0, now-before[name])
	}
	return out
}

// meter reads what processes use, children included. A nil meter, and one on a system without /proc, reads nothing.
type meter struct {
	pids map[string][]int // by the part's name
}

// clockTicks is the unit of /proc/PID/stat in ticks a second: USER_HZ, 100 on every Linux that Go runs on.
const clockTicks = 100

// newMeter watches processes and their children.
func newMeter(processes []process) *meter {
	m := &meter{pids: map[string][]int{}}
	for _, p := range processes {
		m.pids[p.Name] = append(m.pids[p.Name], p.PID)
	}
	return m
}

// read gives what each part has used so far; empty where there is no /proc.
func (m *meter) read() usage {
	out := usage{}
	if m == nil {
		return out
	}
	stats := readStats("/proc")
	for name, pids := range m.pids {
		for _, pid := range pids {
			if used, found := treeTime(stats, pid); found {
				out[name] += used
			}
		}
	}
	return out
}

// procStat is the part of /proc/PID/stat that is needed here.
type procStat struct {
	parent int
	used   time.Duration // its own, and that of children that ended and were waited for
}

// readStats reads every process's line; processes that end meanwhile are left out.
func readStats(root string) map[int]procStat {
	files, _ := filepath.Glob(filepath.Join(root, "[0-9]*", "stat"))
	out := make(map[int]procStat, len(files))
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		line, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if stat, err := parseStat(string(line)); err == nil {
			out[pid] = stat
		}
	}
	return out
}

// parseStat reads one line as proc(5) describes it. The name in brackets may hold anything, brackets too.
func parseStat(line string) (procStat, error) {
	end := strings.LastIndexByte(line, ')')
	fields := strings.Fields(line[end+1:]) // from field 3, the state
	if end < 0 || len(fields) < 15 {
		return procStat{}, fmt.Errorf("not a line of /proc/PID/stat: %q", line)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return procStat{}, err
	}
	var ticks int64
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return procStat{}, err
		}
		ticks += n
	}
	return procStat{parent: parent, used: time.Duration(ticks) * time.Second / clockTicks}, nil
}

// treeTime adds up a process and all below it.
func treeTime(stats map[int]procStat, root int) (time.Duration, bool) {
	top, found := stats[root]
	if !found {
		return 0, false
	}
	total := top.used
	for pid, stat := range stats {
		if stat.parent == root && pid != root {
			below, _ := treeTime(stats, pid)
			total += below
		}
	}
	return total, true
}
