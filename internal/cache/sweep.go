package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// abandoned is the age at which nobody can be writing a file any more.
const abandoned = time.Hour

// stored is an entry as its folder lists it.
type stored struct {
	name string
	size int64
	at   time.Time
}

// list returns the entries of the folder in no order. A folder that does not exist is empty.
func (f *file) list() ([]stored, error) {
	files, err := os.ReadDir(f.entries)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	found := make([]stored, 0, len(files))
	for _, d := range files {
		if !isName(d.Name()) {
			continue
		}
		if info, err := d.Info(); err == nil {
			found = append(found, stored{d.Name(), info.Size(), info.ModTime()})
		}
	}
	return found, err
}

// sweep removes entries that were kept long enough, then the oldest of too many, and what the dead left behind. It
// returns how many entries are left. Where the bound is reached it makes room for a few, not to sweep at every write.
func (f *file) sweep() int {
	now := f.opts.Now()
	f.removeUnfinished()
	f.removeLocks(now.Add(-f.opts.Keep))
	found, err := f.list()
	if err != nil {
		f.warn.once("sweep", "%s cannot be tidied up: %v", f.entries, err)
		return 0
	}
	slices.SortFunc(found, func(a, b stored) int { return b.at.Compare(a.at) })
	most := len(found)
	if size := f.opts.MaxSize; size > 0 && most > size {
		most = size - size/16
	}
	kept := 0
	for i, e := range found {
		if i < most && !f.opts.expired(e.at, now) {
			kept++
			continue
		}
		f.removeUnchanged(e)
	}
	return kept
}

// removeUnchanged removes an entry unless it was replaced since it was listed.
func (f *file) removeUnchanged(e stored) {
	path := filepath.Join(f.entries, e.name)
	info, err := os.Lstat(path)
	if err != nil || !info.ModTime().Equal(e.at) {
		return
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.warn.once("sweep", "%s cannot be tidied up: %v", f.entries, err)
	}
}

// removeUnfinished removes what killed writers left. Its age is by the file system's clock, which is the machine's.
func (f *file) removeUnfinished() {
	unfinished, _ := filepath.Glob(filepath.Join(f.entries, ".*"))
	for _, path := range unfinished {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(path)
		}
	}
}

// removeLocks removes lock files made before a time that nobody holds: each while holding it, so that nobody else
// can hold a file that is gone without noticing.
func (f *file) removeLocks(before time.Time) {
	files, _ := os.ReadDir(f.held)
	for _, d := range files {
		info, err := d.Info()
		if err != nil || !isName(d.Name()) || info.ModTime().After(before) {
			continue
		}
		path := filepath.Join(f.held, d.Name())
		if held, err := tryHold(path); err == nil && held != nil {
			_ = os.Remove(path)
			_ = held.Close()
		}
	}
}
