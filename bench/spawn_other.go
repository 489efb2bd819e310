//go:build !linux

package bench

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the child, which is stopped by us.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
