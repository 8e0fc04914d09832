//go:build !windows && (!unix || solaris || aix)

package filestore

import (
	"errors"
	"os"
)

// tryLock fails: this system cannot lock a file.
func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
