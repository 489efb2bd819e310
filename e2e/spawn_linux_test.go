package e2e_test

import "syscall"

// bound lets the kernel end a child along with the thread that started it, so that nothing outlives a test that panicked.
func bound() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
