package cache

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/adsops/cloudtop/pkg/atomicfile"
	"github.com/adsops/cloudtop/pkg/retry"
)

// file keeps each entry in a file of its own, for all processes of a user on one machine:
//
//	<dir>/entries/<Key.name>      a sealed entry; modified = Entry.At
//	<dir>/entries/.<Key.name>...  one that is being written
//	<dir>/locks/<Key.name>        what holders of the key's lock hold; empty
//
// A file is replaced as a whole, so that readers see the old entry or the new one, whoever is killed when. What a
// power failure leaves is found by its checksum. Locks are the kernel's, which releases those of the dead.
type file struct {
	opts    Options
	entries string
	held    string
	seal    *sealer
	warn    *warner
	locks   *locks        // this process's own, so that only one of its goroutines asks the kernel
	files   chan struct{} // full when as many lock files are open as may be

	mu    sync.Mutex // over what follows, and a sweep
	room  int        // how many new entries fit before the next sweep
	until int        // how many writes until the next sweep
}

// sweepEvery is how many writes one process does between two sweeps: others write too.
const sweepEvery = 256

func openFile(o Options) (Store, error) {
	seal, err := newSealer()
	if err != nil {
		return nil, err
	}
	return &file{
		opts: o, entries: filepath.Join(o.Dir, "entries"), held: filepath.Join(o.Dir, "locks"),
		seal: seal, warn: newWarner(o.Warn), locks: newLocks(), files: make(chan struct{}, maxLockFiles),
	}, nil
}

func (f *file) Close() error { return f.seal.close() }

func (f *file) path(k Key) string { return filepath.Join(f.entries, k.name()) }

func (f *file) Get(_ context.Context, k Key) (*Entry, bool) {
	path := f.path(k)
	sealed, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	var e *Entry
	if err == nil {
		e, err = f.seal.open(k, sealed)
	}
	if err != nil {
		f.warn.once(kindOf(err), "%s cannot be used, so it is read from the provider again: %v", path, err)
		return nil, false
	}
	return e, !f.opts.expired(e.At, f.opts.Now())
}

// readBounded reads a file that may be anything.
func readBounded(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSealed {
		return nil, errSize
	}
	sealed := make([]byte, info.Size())
	_, err = io.ReadFull(in, sealed)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errCorrupt
	}
	return sealed, err
}

// kindOf is the kind of trouble with an entry, for one warning each.
func kindOf(err error) string {
	for _, known := range []error{errCorrupt, errVersion, errKey, errSize} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "unreadable"
}

func (f *file) Put(_ context.Context, k Key, e *Entry) {
	sealed, err := f.seal.seal(k, e)
	if err != nil {
		f.warn.once("seal", "what %s answered is not kept: %v", k.Provider, err)
		return
	}
	if err := f.write(f.path(k), sealed, e.At); err != nil {
		f.warn.once("write", "%s cannot be written, so nothing new is kept: %v", f.opts.Dir, err)
	}
}

func (f *file) write(path string, sealed []byte, at time.Time) error {
	if err := os.MkdirAll(f.entries, 0o700); err != nil {
		return err
	}
	_, err := os.Lstat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err := atomicfile.Write(path, sealed); err != nil {
		return err
	}
	// The time is for sweeps alone: without it an entry counts as written now.
	_ = os.Chtimes(path, time.Time{}, at)
	f.written(isNew)
	return nil
}

// written counts a write and sweeps when it is time.
func (f *file) written(isNew bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until--
	if isNew {
		f.room--
	}
	if f.until < 0 || (f.opts.MaxSize > 0 && f.room < 0) {
		kept := f.sweep()
		f.until, f.room = sweepEvery, f.opts.MaxSize-kept
	}
}

// Delays between two looks at a lock that another process holds.
const (
	firstLook = 2 * time.Millisecond
	lastLook  = 25 * time.Millisecond
)

// maxLockFiles is how many lock files are open at once, of the 1,024 and more that a process may open. Where more work
// goes on at once than that, the rest of it is done once in this process, but perhaps in another one too.
const maxLockFiles = 256

func (f *file) Lock(ctx context.Context, k Key) func() {
	ctx, cancel := context.WithTimeout(ctx, f.opts.LockWait)
	defer cancel()
	leave, ok := f.locks.lock(ctx, k)
	if !ok {
		return leave
	}
	select {
	case f.files <- struct{}{}:
	default:
		return leave
	}
	held, err := f.hold(ctx, filepath.Join(f.held, k.name()))
	if err != nil && ctx.Err() == nil {
		f.warn.once("lock", "%s cannot be locked, so other runs may ask the same at the same time: %v", f.held, err)
	}
	return sync.OnceFunc(func() {
		if held != nil {
			_ = held.Close()
		}
		<-f.files
		leave()
	})
}

// hold waits for the lock of a path and returns it.
func (f *file) hold(ctx context.Context, path string) (*flock.Flock, error) {
	if err := os.MkdirAll(f.held, 0o700); err != nil {
		return nil, err
	}
	for delay := firstLook; ; delay = min(2*delay, lastLook) {
		held, err := tryHold(path)
		if held != nil || err != nil {
			return held, err
		}
		if err := retry.Sleep(ctx, delay); err != nil {
			return nil, err
		}
	}
}

// tryHold returns the lock of a path, nil where somebody else holds it.
func tryHold(path string) (*flock.Flock, error) {
	held := flock.New(path, flock.SetPermissions(0o600))
	ok, err := held.TryLock()
	if err != nil || !ok || !same(held, path) {
		_ = held.Close()
		return nil, err
	}
	return held, nil
}

// same says whether a lock's file is still the one that others find: a sweep may have removed it in between.
func same(held *flock.Flock, path string) bool {
	mine, err := held.Stat()
	if err != nil {
		return false
	}
	theirs, err := os.Stat(path)
	return err == nil && os.SameFile(mine, theirs)
}

func (f *file) Status(context.Context) (Status, error) {
	t := newTally(File, f.opts.Dir)
	found, err := f.list()
	for _, e := range found {
		l, err := readLabelOf(filepath.Join(f.entries, e.name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			t.Broken++
		default:
			t.add(l.key.Provider, l.at, e.size)
		}
	}
	return t.status(), err
}

func readLabelOf(path string) (label, error) {
	in, err := os.Open(path)
	if err != nil {
		return label{}, err
	}
	defer func() { _ = in.Close() }()
	head, err := io.ReadAll(io.LimitReader(in, maxLabel))
	if err != nil {
		return label{}, err
	}
	l, _, err := readLabel(head)
	return l, err
}

func (f *file) Clear(context.Context) (int, error) {
	found, err := f.list()
	removed, errs := 0, []error{err}
	for _, e := range found {
		err := os.Remove(filepath.Join(f.entries, e.name))
		if err == nil {
			removed++
		} else if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	f.removeLocks(f.opts.Now())
	return removed, errors.Join(errs...)
}

// isName says whether a file's name is one that Key.name gives.
func isName(name string) bool {
	return len(name) == nameLen && strings.Trim(name, "0123456789abcdef") == ""
}
