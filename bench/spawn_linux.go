package bench

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the child, which is stopped by us, and ends the child should we be killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
