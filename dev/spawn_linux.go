package dev

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// spawnRequests feeds the one OS thread from which every child is started. Linux sends a child its death signal
// when the *thread* that started it ends, so that thread has to live as long as the process.
var spawnRequests = sync.OnceValue(func() chan<- func() {
	requests := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range requests {
			start()
		}
	}()
	return requests
})

// startBound starts cmd so that the kernel sends it deathSignal when this process ends, however it ends.
func startBound(cmd *exec.Cmd, deathSignal syscall.Signal) error {
	cmd.SysProcAttr.Pdeathsig = deathSignal
	result := make(chan error)
	spawnRequests() <- func() { result <- cmd.Start() }
	return <-result
}
