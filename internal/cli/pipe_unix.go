//go:build unix

package cli

import "syscall"

var errPipe error = syscall.EPIPE
