package filestore

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock locks f for this process alone, until it is closed. It reports false where another has it. What is locked is
// a byte far behind the text: on Windows nobody else may read what is locked.
func tryLock(f *os.File) (bool, error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}
