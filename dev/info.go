package dev

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/text/width"
)

// User is a person of the sample company who can sign in.
type User struct {
	User       string   `json:"user"`
	Password   string   `json:"password"`
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Department string   `json:"department"`
	Manager    string   `json:"manager"` // id of a user; "" at the top
	Roles      []string `json:"roles"`
	Email      string   `json:"email"`
	Language   string   `json:"language"`
}

// DevInfo is what only crmflow itself knows about the running stack.
type DevInfo struct { //nolint:revive // it is what dev.json adds; plain Info would say too little elsewhere
	Now   time.Time `json:"now"`   // business time when the stack became ready
	Scale float64   `json:"scale"` // business seconds per second
	Users []User    `json:"users"`
}

// Status is dev.json: what a person or a program needs to use a running stack.
type Status struct {
	URL        string `json:"url"`
	Temporal   string `json:"temporal"`    // host:port of the gRPC frontend
	TemporalUI string `json:"temporal_ui"` // Temporal's page; "" when Temporal isn't ours
	Database   string `json:"database"`    // for psql, lib/pq and pgx
	DevInfo
	Processes []ProcessInfo `json:"processes"`
}

// statusFile is where a running stack says how to reach it.
func statusFile(dir string) string { return filepath.Join(dir, "dev.json") }

// ReadStatus reads DIR/dev.json; os.ErrNotExist when nothing is ready there.
func ReadStatus(dir string) (Status, error) {
	var s Status
	text, err := os.ReadFile(statusFile(dir))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// writeStatus replaces DIR/dev.json in one step, so that a reader never sees half of it.
func writeStatus(dir string, s Status) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	temp := statusFile(dir) + ".new"
	if err := os.WriteFile(temp, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temp, statusFile(dir))
}

// lockDir holds DIR/dev.lock until release is called or this process ends. When another process holds it, the
// error says where that one answers.
func lockDir(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "dev.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the data directory can't be used: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, runningError(dir)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("can't lock %s: %w", f.Name(), err)
	}
	return func() { f.Close() }, nil
}

func runningError(dir string) error {
	if s, err := ReadStatus(dir); err == nil {
		return fmt.Errorf("crmflow dev already runs on %s and answers at %s: use that one, stop it with Ctrl-C, or start another with --data", dir, s.URL)
	}
	return fmt.Errorf("crmflow dev is just starting or stopping on %s: wait for it, or start another with --data", dir)
}

// clearLeftovers removes the dev.json of a killed run and gives that run's processes, which the kernel ends along
// with it, a moment to free their ports.
func clearLeftovers(dir string) {
	s, err := ReadStatus(dir)
	_ = os.Remove(statusFile(dir))
	if err != nil {
		return
	}
	deadline := time.Now().Add(2 * time.Second)
	for _, p := range s.Processes {
		for syscall.Kill(p.PID, 0) == nil && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// signIns is the table of people, with the password said once when it is everybody's.
func signIns(users []User) string {
	if len(users) == 0 {
		return ""
	}
	same := true
	for _, u := range users {
		same = same && u.Password == users[0].Password
	}
	var b strings.Builder
	if same {
		fmt.Fprintf(&b, "Sign in as one of these; everybody's password is %s\n", users[0].Password)
	} else {
		b.WriteString("Sign in as one of these\n")
	}
	var rows [][]string
	for _, u := range users {
		row := []string{u.User, u.Name, u.Title, u.Department}
		if !same {
			row = append(row, u.Password)
		}
		rows = append(rows, row)
	}
	writeTable(&b, rows)
	return b.String()
}

// writeTable aligns columns on a terminal, where a Chinese character is as wide as two others.
func writeTable(b *strings.Builder, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], cells(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += "  " + cell + strings.Repeat(" ", widths[i]-cells(cell))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cells is the width of a text on a terminal.
func cells(text string) int {
	n := 0
	for _, r := range text {
		n++
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
