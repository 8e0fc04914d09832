package cli

import "syscall"

var errPipe error = syscall.ERROR_BROKEN_PIPE
