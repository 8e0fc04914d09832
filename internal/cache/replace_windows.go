package cache

import (
	"errors"
	"os"
	"path/filepath"
)

// replace writes a file, whole or not at all; renameio does not promise that on Windows, where a user's cache folder
// is the user's own by its access list.
func replace(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
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
