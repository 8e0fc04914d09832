package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/ratelimit/filestore"
	"github.com/adsops/cloudtop/pkg/ratelimit/storetest"
)

// TestMain is also the program of another process: with CLOUDTOP_TEST_TAKE it takes events and says how many it got.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CLOUDTOP_TEST_TAKE"); dir != "" {
		os.Exit(takeAll(dir))
	}
	goleak.VerifyTestMain(m)
}

func rules() []ratelimit.Rule {
	return []ratelimit.Rule{{Interval: time.Minute, Burst: 300, Events: 300, Per: 300 * time.Minute}}
}

// takeAll takes events until there are none, and prints how many it got.
func takeAll(dir string) int {
	s, err := filestore.Open(dir)
	if err != nil {
		return 1
	}
	n := 0
	for {
		g, err := s.Exchange(context.Background(), "k", ratelimit.Ask{Rules: rules(), Want: 1})
		if err != nil {
			return 1
		}
		if g.N == 0 {
			_, _ = os.Stdout.WriteString(strconv.Itoa(n))
			return 0
		}
		n += g.N
	}
}

func open(t testing.TB, dir string) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// file returns the one account in dir.
func file(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.limit"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%d files, %v, want 1", len(paths), err)
	}
	return paths[0]
}

func TestAFolderIsAStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	storetest.Run(t, func() ratelimit.Store { return open(t, dir) })
}

func TestProcessesShareAnAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range 6 {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "CLOUDTOP_TEST_TAKE="+dir)
			out, err := cmd.Output()
			n, nerr := strconv.Atoi(string(out))
			if err != nil || nerr != nil {
				t.Errorf("the process ended with %v and said %q", err, out)
			}
			mu.Lock()
			defer mu.Unlock()
			sum += n
		})
	}
	wg.Wait()
	if sum > 300 || sum < 290 {
		t.Errorf("%d events were granted, want 300, or a few less for the grants ahead", sum)
	}
}

func TestFilesAreSmallAndForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := open(t, dir)
	for range 2000 {
		if _, err := s.Exchange(t.Context(), "k", ratelimit.Ask{Rules: rules(), Want: 1}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(file(t, dir))
	if err != nil || info.Mode() != 0o600 || info.Size() > 4096 {
		t.Errorf("got %v, %d bytes, %v, want -rw------- and at most 4096", info.Mode(), info.Size(), err)
	}
	if folder, err := os.Stat(dir); err != nil || folder.Mode() != fs.ModeDir|0o700 {
		t.Errorf("the folder is %v, %v, want drwx------", folder.Mode(), err)
	}
}

func TestABucketWithoutLimitsLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if g, err := open(t, dir).Exchange(t.Context(), "k", ratelimit.Ask{Want: 1}); err != nil || g.N != 1 {
		t.Errorf("granted %d, %v, want 1", g.N, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestACorruptFileIsANewAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ask := ratelimit.Ask{Rules: []ratelimit.Rule{{Interval: time.Minute, Burst: 4}}, Want: 4}
	if _, err := s.Exchange(t.Context(), "k", ask); err != nil {
		t.Fatal(err)
	}
	path := file(t, dir)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"empty": nil, "binary": {0, 1, 2, 255}, "cut": good[:len(good)-3], "half": good[:len(good)/2], "twice": append(bytes.Clone(good), good...),
		"another version": []byte("k\n2 0\n"), "large": bytes.Repeat([]byte("x"), 1<<20), "without its key": good[2:],
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Accounts(t.Context(), ""); err != nil || len(all) > 0 {
			t.Errorf("%s: read as %v, %v", name, all, err)
		}
		if g, err := s.Exchange(t.Context(), "k", ask); err != nil || g.N != 4 {
			t.Errorf("%s: granted %d, %v, want 4", name, g.N, err)
		}
		if g, err := s.Exchange(t.Context(), "k", ask); err != nil || g.N != 0 {
			t.Errorf("%s: then granted %d, %v, want 0: the account was mended", name, g.N, err)
		}
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ask := ratelimit.Ask{Rules: rules(), Want: 1}
	if _, err := s.Exchange(t.Context(), "k", ask); err != nil {
		t.Fatal(err)
	}
	path := file(t, dir)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Exchange(t.Context(), "k", ask); err == nil {
		t.Error("a folder where the account should be is no error")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Exchange(t.Context(), "k", ask); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its folder: %v, want one that it is not there", err)
	}
	if _, err := filestore.Open(filepath.Join(os.Args[0], "below a file")); err == nil {
		t.Error("a folder below a file is no error")
	}
}

func TestAHeldLockEndsWithTheContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ask := ratelimit.Ask{Rules: rules(), Want: 1}
	if _, err := s.Exchange(t.Context(), "k", ask); err != nil {
		t.Fatal(err)
	}
	holder := flock.New(file(t, dir) + ".lock")
	if locked, err := holder.TryLock(); !locked || err != nil {
		t.Fatal(locked, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := s.Exchange(ctx, "k", ask); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "shared limits: another process holds the lock "+holder.Path() {
		t.Errorf("got %v, want the deadline, in words that name the lock", err)
	}
	_ = holder.Unlock()
	if g, err := s.Exchange(t.Context(), "k", ask); err != nil || g.N == 0 {
		t.Errorf("granted %d, %v when the lock is free", g.N, err)
	}
}

func TestWhatWasNotUsedForLongIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	for _, key := range []string{"old", "new"} {
		if _, err := s.Exchange(t.Context(), key, ratelimit.Ask{Rules: rules(), Want: 1}); err != nil {
			t.Fatal(err)
		}
		if key == "old" {
			then := time.Now().Add(-31 * 24 * time.Hour)
			for _, path := range []string{file(t, dir), file(t, dir) + ".lock"} {
				if err := os.Chtimes(path, then, then); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	foreign := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-366 * 24 * time.Hour)
	if err := os.Chtimes(foreign, then, then); err != nil {
		t.Fatal(err)
	}
	all, err := open(t, dir).Accounts(t.Context(), "")
	if left, _ := filepath.Glob(filepath.Join(dir, "*.l*")); len(left) != 2 {
		t.Errorf("left are %v, want the new account and its lock", left)
	}
	if _, there := all["new"]; err != nil || len(all) != 1 || !there {
		t.Errorf("got %v, %v, want the new account alone", all, err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file that is not ours: %v", err)
	}
}
