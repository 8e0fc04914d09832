// Package filestore keeps the accounts of shared limits in a folder, for the processes of one machine: a small file for
// each account, locked while it is read and written.
package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

const (
	suffix  = ".limit"            // of an account
	guard   = ".lock"             // of the file that is locked while an account is read and written
	largest = 64 << 10            // bytes of a file that may be an account
	turn    = time.Millisecond    // between two tries to get the lock
	unused  = 30 * 24 * time.Hour // a file that was not written for this long is removed
)

// Store is a ratelimit.Store in a folder. It is safe for many processes at once. What cannot be read as an account is a
// new one.
type Store struct{ dir string }

// Open returns the store in dir, which is made if it is not there. It removes what has not been used for a month.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("shared limits: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("shared limits: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && (strings.HasSuffix(e.Name(), suffix) || strings.HasSuffix(e.Name(), guard)) && time.Since(info.ModTime()) > unused {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	return &Store{dir: dir}, nil
}

// Exchange implements ratelimit.Store.
func (s *Store) Exchange(ctx context.Context, key string, ask ratelimit.Ask) (ratelimit.Grant, error) {
	path := s.path(key)
	if len(ask.Rules) == 0 && ask.Pause == 0 && ask.Heard == nil && !there(path) {
		return new(ratelimit.Account).Exchange(time.Now(), ask), nil // nothing to read, and nothing to keep
	}
	var grant ratelimit.Grant
	err := locked(ctx, path, func() error {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		_, account, err := read(f)
		if err == nil {
			grant = account.Exchange(time.Now(), ask)
			err = write(f, key, &account)
		}
		return errors.Join(err, f.Close())
	})
	return grant, err
}

// Accounts implements ratelimit.Store.
func (s *Store) Accounts(ctx context.Context, prefix string) (map[string]ratelimit.State, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("shared limits: %w", err)
	}
	all := map[string]ratelimit.State{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		path := filepath.Join(s.dir, e.Name())
		err := locked(ctx, path, func() error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }()
			key, account, err := read(f)
			if err == nil && key != "" && strings.HasPrefix(key, prefix) {
				all[key] = account.State(time.Now())
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// locked calls do while no other process has the file at path.
func locked(ctx context.Context, path string, do func() error) error {
	lock := flock.New(path+guard, flock.SetPermissions(0o600))
	switch _, err := lock.TryLockContext(ctx, turn); {
	case err != nil && errors.Is(err, ctx.Err()):
		return &heldError{path + guard, err}
	case err != nil:
		return fmt.Errorf("shared limits: lock %s: %w", path+guard, err)
	}
	err := do()
	if uerr := lock.Unlock(); err == nil {
		err = uerr
	}
	if err != nil {
		return fmt.Errorf("shared limits: %w", err)
	}
	return nil
}

// heldError says that another process kept a lock for longer than somebody would wait for it.
type heldError struct {
	path string
	err  error // how the wait ended
}

func (e *heldError) Error() string { return "shared limits: another process holds the lock " + e.path }

func (e *heldError) Unwrap() error { return e.err }

// path returns the file of a key. Keys may be long and hold anything, so its name is a hash.
func (s *Store) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:12])+suffix)
}

// read returns the key and the account in f: a line each. What is no account is a new one without a key.
func read(f *os.File) (key string, a ratelimit.Account, err error) {
	text, err := io.ReadAll(io.LimitReader(f, largest))
	if err != nil {
		return "", a, err
	}
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if a.UnmarshalText(rest) != nil {
		return "", a, nil
	}
	return string(line), a, nil
}

// write puts the new text over the old one. A file that is emptied first would be written to the disk at once, by
// file systems that take it for a document which is saved: a hundred times the cost.
func write(f *os.File, key string, a *ratelimit.Account) error {
	text, err := a.AppendText(append([]byte(key), '\n'))
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(text, 0); err != nil {
		return err
	}
	return f.Truncate(int64(len(text)))
}
