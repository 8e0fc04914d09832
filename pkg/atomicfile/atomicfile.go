// Package atomicfile writes files that are there whole or not at all.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write replaces the file at path, or makes it, so that whoever reads it sees the old content or the new one, also
// where this process is killed in between; then a file named "." + the name + digits may stay beside it. Only its
// owner can read it. Its folder must exist.
//
// It does not wait for the disk: a machine that loses power may be left with an empty file. Waiting takes some ten
// times as long as the rest.
func Write(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
