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
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/retry"
)

const (
	suffix   = ".limit"
	largest  = 64 << 10            // bytes of a file that may be an account
	turn     = time.Millisecond    // between two tries to lock a file
	patience = 3                   // how often a file may be replaced while it is opened
	unused   = 30 * 24 * time.Hour // a file that was not written for this long is removed
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
		if err == nil && strings.HasSuffix(e.Name(), suffix) && time.Since(info.ModTime()) > unused {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	return &Store{dir: dir}, nil
}

// Exchange implements ratelimit.Store.
func (s *Store) Exchange(ctx context.Context, key string, ask ratelimit.Ask) (ratelimit.Grant, error) {
	make := len(ask.Rules) > 0 || ask.Pause > 0 || ask.Heard != nil
	f, err := open(ctx, s.path(key), make)
	if errors.Is(err, os.ErrNotExist) && !make {
		return new(ratelimit.Account).Exchange(time.Now(), ask), nil
	}
	if err != nil {
		return ratelimit.Grant{}, fmt.Errorf("shared limits: %w", err)
	}
	defer func() { _ = f.Close() }() // what matters was written or has failed by then
	_, account, err := read(f)
	if err != nil {
		return ratelimit.Grant{}, fmt.Errorf("shared limits: %w", err)
	}
	grant := account.Exchange(time.Now(), ask)
	if err := write(f, key, &account); err != nil {
		return ratelimit.Grant{}, fmt.Errorf("shared limits: %w", err)
	}
	return grant, nil
}

// Accounts implements ratelimit.Store.
func (s *Store) Accounts(ctx context.Context, prefix string) (map[string]ratelimit.State, error) {
	paths, err := filepath.Glob(filepath.Join(s.dir, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("shared limits: %w", err)
	}
	all := map[string]ratelimit.State{}
	for _, path := range paths {
		key, account, err := load(ctx, path)
		if errors.Is(err, os.ErrNotExist) {
			continue // another process has just removed it
		}
		if err != nil {
			return nil, fmt.Errorf("shared limits: %w", err)
		}
		if key != "" && strings.HasPrefix(key, prefix) {
			all[key] = account.State(time.Now())
		}
	}
	return all, nil
}

func load(ctx context.Context, path string) (key string, a ratelimit.Account, err error) {
	f, err := open(ctx, path, false)
	if err != nil {
		return "", a, err
	}
	defer func() { _ = f.Close() }()
	return read(f)
}

// path returns the file of a key. Keys may be long and hold anything, so its name is a hash.
func (s *Store) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:12])+suffix)
}

// open returns the file at path, locked until it is closed.
func open(ctx context.Context, path string, make bool) (*os.File, error) {
	flags := os.O_RDWR
	if make {
		flags |= os.O_CREATE
	}
	for range patience {
		f, err := os.OpenFile(path, flags, 0o600)
		if err != nil {
			return nil, err
		}
		current, err := lockCurrent(ctx, f, path)
		if current {
			return f, nil
		}
		_ = f.Close()
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s is removed again and again", path)
}

// lockCurrent locks f and reports whether it is still the file at path.
func lockCurrent(ctx context.Context, f *os.File, path string) (bool, error) {
	opened, err := f.Stat()
	if err != nil {
		return false, err
	}
	if !opened.Mode().IsRegular() {
		return false, fmt.Errorf("%s is no file", path)
	}
	for {
		locked, err := tryLock(f)
		if err != nil {
			return false, fmt.Errorf("lock %s: %w", path, err)
		}
		if locked {
			break
		}
		if err := retry.Sleep(ctx, turn); err != nil {
			return false, fmt.Errorf("%s is locked by another process: %w", path, err)
		}
	}
	now, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return err == nil && os.SameFile(opened, now), nil
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
