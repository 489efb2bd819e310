package bench

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what a measurement was taken on. What the system doesn't say is left out.
type Machine struct {
	Cores    int    `json:"cores"`
	Model    string `json:"model,omitempty"`
	MemoryMB int64  `json:"memory_mb,omitempty"`
	OS       string `json:"os"`
	Go       string `json:"go"`
	Postgres string `json:"postgres,omitempty"`
	Temporal string `json:"temporal,omitempty"`
}

// thisMachine describes where this process runs.
func thisMachine(ctx context.Context) Machine {
	m := Machine{Cores: runtime.GOMAXPROCS(0), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	switch runtime.GOOS {
	case "linux":
		m.Model = firstMatch(read("/proc/cpuinfo"), `(?m)^model name\s*:\s*(.+)$`)
		kb, _ := strconv.ParseInt(firstMatch(read("/proc/meminfo"), `(?m)^MemTotal:\s*(\d+) kB`), 10, 64)
		m.MemoryMB = kb / 1024
		if version := strings.TrimSpace(read("/proc/sys/kernel/osrelease")); version != "" {
			m.OS += " " + version
		}
	case "darwin":
		m.Model = sysctl(ctx, "machdep.cpu.brand_string")
		bytes, _ := strconv.ParseInt(sysctl(ctx, "hw.memsize"), 10, 64)
		m.MemoryMB = bytes >> 20
	}
	return m
}

func read(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

func sysctl(ctx context.Context, name string) string {
	out, _ := exec.CommandContext(ctx, "sysctl", "-n", name).Output()
	return strings.TrimSpace(string(out))
}

func firstMatch(text, pattern string) string {
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(found[1])
}
