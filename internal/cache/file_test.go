package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// heard collects warnings.
type heard struct {
	mu    sync.Mutex
	texts []string
}

func (h *heard) warn(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.texts = append(h.texts, text)
}

// want checks that there was exactly one warning for each of the parts, in any order.
func (h *heard) want(t *testing.T, parts ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, part := range parts {
		n := 0
		for _, text := range h.texts {
			if strings.Contains(text, part) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d warnings say %q, want one: %q", n, part, h.texts)
		}
	}
	if len(h.texts) != len(parts) {
		t.Errorf("warnings %q, want one for each of %q", h.texts, parts)
	}
}

// openHeard opens a file store in dir whose warnings are heard.
func openHeard(t *testing.T, dir string, o Options) (*file, *heard) {
	t.Helper()
	h := new(heard)
	o.Warn = h.warn
	if o.Now == nil {
		o.Now = at(noon())
	}
	return place{backend: File, dir: dir}.open(t, o).(*file), h
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "cloudtop")
	s, h := openHeard(t, dir, Options{})
	s.Put(t.Context(), someKey(""), fullEntry())
	s.Lock(t.Context(), someKey(""))()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	h.want(t)
}

func TestOpeningAndReadingMakeNoFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cloudtop")
	s, h := openHeard(t, dir, Options{})
	s.Get(t.Context(), someKey(""))
	_, err := s.Status(t.Context())
	_, err2 := s.Clear(t.Context())
	if _, err3 := os.Lstat(dir); err != nil || err2 != nil || !errors.Is(err3, fs.ErrNotExist) {
		t.Errorf("Status: %v, Clear: %v, folder: %v, want none", err, err2, err3)
	}
	h.want(t)
}

// damage replaces an entry's file.
func damage(t *testing.T, s *file, k Key, data []byte) {
	t.Helper()
	if err := os.WriteFile(s.path(k), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedFilesAreMissesAndOneWarning(t *testing.T) {
	t.Parallel()
	s, h := openHeard(t, t.TempDir(), Options{})
	s.Put(t.Context(), someKey(""), small(noon()))
	sound, err := os.ReadFile(s.path(someKey("")))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sound {
		for _, bits := range []byte{0x01, 0x80, 0xff} {
			bad := []byte(string(sound))
			bad[i] ^= bits
			damage(t, s, someKey(""), bad)
			if e, ok := s.Get(t.Context(), someKey("")); ok {
				t.Fatalf("with byte %d changed by %#x, Get returns %+v", i, bits, e)
			}
		}
		damage(t, s, someKey(""), sound[:i])
		if e, ok := s.Get(t.Context(), someKey("")); ok {
			t.Fatalf("with its first %d bytes, Get returns %+v", i, e)
		}
	}
	damage(t, s, someKey(""), append(sound, 0))
	if e, ok := s.Get(t.Context(), someKey("")); ok {
		t.Errorf("with a byte too many, Get returns %+v", e)
	}
	h.want(t, errCorrupt.Error(), errVersion.Error())
	s.Put(t.Context(), someKey(""), small(noon()))
	if _, ok := s.Get(t.Context(), someKey("")); !ok {
		t.Error("a damaged entry is not replaced by Put")
	}
}

func TestFilesThatAreNoEntriesAreMissesAndOneWarning(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, says string
		make       func(t *testing.T, s *file, path string)
	}{
		{"empty", "damaged", func(t *testing.T, s *file, path string) { damage(t, s, someKey(""), nil) }},
		{"another version's", "another version", func(t *testing.T, s *file, path string) {
			damage(t, s, someKey(""), []byte("CTC\x02 what nobody knows yet"))
		}},
		{"another key's", "something else", func(t *testing.T, s *file, path string) {
			s.Put(t.Context(), someKey("other"), small(noon()))
			if err := os.Rename(s.path(someKey("other")), path); err != nil {
				t.Fatal(err)
			}
		}},
		{"a folder", "is a directory", func(t *testing.T, s *file, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"without end", "too large", func(t *testing.T, s *file, path string) {
			damage(t, s, someKey(""), nil)
			if err := os.Truncate(path, maxSealed+1); err != nil {
				t.Fatal(err)
			}
		}},
		{"not readable", "permission denied", func(t *testing.T, s *file, path string) {
			if os.Geteuid() == 0 {
				t.Skip("root may read everything")
			}
			damage(t, s, someKey(""), nil)
			if err := os.Chmod(path, 0); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, h := openHeard(t, t.TempDir(), Options{})
			s.Put(t.Context(), someKey("makes the folder"), small(noon()))
			tt.make(t, s, s.path(someKey("")))
			for range 3 {
				if e, ok := s.Get(t.Context(), someKey("")); ok {
					t.Errorf("Get = %+v, want a miss", e)
				}
			}
			h.want(t, tt.says)
			if _, err := s.Status(t.Context()); err != nil {
				t.Errorf("Status: %v", err)
			}
			if tt.name == "a folder" {
				return // which nobody replaces
			}
			s.Put(t.Context(), someKey(""), small(noon()))
			if _, ok := s.Get(t.Context(), someKey("")); !ok {
				t.Error("Put does not replace it")
			}
		})
	}
}

func TestStatusCountsWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	s, _ := openHeard(t, t.TempDir(), Options{})
	for _, detail := range []string{"1", "2", "3"} {
		s.Put(t.Context(), someKey(detail), small(noon()))
	}
	damage(t, s, someKey("1"), []byte("CTC"))
	damage(t, s, someKey("2"), []byte("CTC\x01\xff\xff\xff\xff\xdb\xff\xff\xff\xff"))
	st, err := s.Status(t.Context())
	if err != nil || st.Broken != 2 || st.Total.Entries != 1 {
		t.Errorf("Status = %+v, %v, want one entry and 2 broken ones", st, err)
	}
	if n, err := s.Clear(t.Context()); n != 3 || err != nil {
		t.Errorf("Clear = %d, %v, want all 3 removed", n, err)
	}
}

func TestFoldersThatCannotBeUsedAreOneWarningEach(t *testing.T) {
	t.Parallel()
	occupied := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, h := openHeard(t, filepath.Join(occupied, "cloudtop"), Options{})
	for range 3 {
		s.Put(t.Context(), someKey(""), small(noon()))
		if _, ok := s.Get(t.Context(), someKey("")); ok {
			t.Error("Get returns what cannot have been kept")
		}
		s.Lock(t.Context(), someKey(""))()
	}
	h.want(t, "cannot be written", "cannot be locked", "cannot be used")
	if _, err := s.Status(t.Context()); err == nil {
		t.Error("Status of a folder that cannot be read succeeds")
	}
	if _, err := s.Clear(t.Context()); err == nil {
		t.Error("Clear of a folder that cannot be read succeeds")
	}
}

func TestLocksHoldWithinAProcessWhereTheFolderCannotBeLocked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "locks"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := openHeard(t, dir, Options{LockWait: 50 * time.Millisecond})
	release := s.Lock(t.Context(), someKey(""))
	started := time.Now()
	s.Lock(t.Context(), someKey(""))()
	if waited := time.Since(started); waited < 40*time.Millisecond {
		t.Errorf("a second Lock waited %v, want 50 ms", waited)
	}
	release()
}

func TestLocksLeaveFilesToOthers(t *testing.T) {
	t.Parallel()
	s, h := openHeard(t, t.TempDir(), Options{LockWait: 50 * time.Millisecond})
	var releases []func()
	for i := range maxLockFiles + 10 {
		releases = append(releases, s.Lock(t.Context(), someKey(fmt.Sprint(i))))
	}
	if n := len(s.files); n != maxLockFiles {
		t.Errorf("%d lock files are open, want %d", n, maxLockFiles)
	}
	started := time.Now()
	s.Lock(t.Context(), someKey(fmt.Sprint(maxLockFiles+9)))()
	if waited := time.Since(started); waited < 40*time.Millisecond {
		t.Errorf("a lock beyond the open files was given twice, after %v", waited)
	}
	for _, release := range releases {
		release()
	}
	if n := len(s.files); n != 0 {
		t.Errorf("%d lock files are open after all releases", n)
	}
	h.want(t)
}

// age sets the time of every file below a folder.
func age(t *testing.T, dir string, to time.Time) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range files {
		if err := os.Chtimes(filepath.Join(dir, d.Name()), to, to); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSweepsRemoveWhatTheDeadLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, h := openHeard(t, dir, Options{Now: time.Now})
	s.Put(t.Context(), someKey("old"), small(time.Now().Add(-25*time.Hour)))
	s.Put(t.Context(), someKey("from the future"), small(time.Now().Add(25*time.Hour)))
	s.Put(t.Context(), someKey("new"), small(time.Now()))
	s.Lock(t.Context(), someKey("free"))()
	release := s.Lock(t.Context(), someKey("held"))
	damage(t, s, someKey("unfinished"), nil)
	unfinished := filepath.Join(s.entries, "."+someKey("").name()+"123")
	if err := os.Rename(s.path(someKey("unfinished")), unfinished); err != nil {
		t.Fatal(err)
	}
	age(t, s.held, time.Now().Add(-25*time.Hour))
	if err := os.Chtimes(unfinished, time.Now(), time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	stranger := filepath.Join(s.entries, "README")
	if err := os.WriteFile(stranger, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, h2 := openHeard(t, dir, Options{Now: time.Now})
	s.Put(t.Context(), someKey("new"), small(time.Now())) // a store sweeps at its first write
	for path, want := range map[string]bool{
		s.path(someKey("old")): false, s.path(someKey("from the future")): false, s.path(someKey("new")): true,
		unfinished: false, stranger: true,
		filepath.Join(s.held, someKey("free").name()): false, filepath.Join(s.held, someKey("held").name()): true,
	} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s after a sweep: %v, want it there: %v", filepath.Base(path), err, want)
		}
	}
	release()
	h.want(t)
	h2.want(t)
}

func TestFilesBeingWrittenAreLeftAlone(t *testing.T) {
	t.Parallel()
	s, _ := openHeard(t, t.TempDir(), Options{})
	s.Put(t.Context(), someKey(""), small(noon()))
	writing := filepath.Join(s.entries, "."+someKey("").name()+"1")
	if err := os.WriteFile(writing, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if _, err := os.Lstat(writing); err != nil {
		t.Error(err)
	}
}

func TestReplacedEntriesAreNotSwept(t *testing.T) {
	t.Parallel()
	s, _ := openHeard(t, t.TempDir(), Options{})
	s.Put(t.Context(), someKey(""), small(noon().Add(-30*time.Hour)))
	s.Put(t.Context(), someKey(""), small(noon()))
	s.removeUnchanged(stored{name: someKey("").name(), at: noon().Add(-30 * time.Hour)})
	if _, ok := s.Get(t.Context(), someKey("")); !ok {
		t.Error("an entry that was replaced after it was listed is gone")
	}
}

func TestLockFilesThatWereSweptAreNotHeld(t *testing.T) {
	t.Parallel()
	s, _ := openHeard(t, t.TempDir(), Options{})
	path := filepath.Join(s.held, someKey("").name())
	s.Lock(t.Context(), someKey(""))()
	held, err := tryHold(path)
	if err != nil || held == nil {
		t.Fatalf("tryHold = %v, %v", held, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if same(held, path) {
		t.Error("a lock whose file is gone counts as held")
	}
	_ = held.Close()
	if again, err := tryHold(path); err != nil || again == nil {
		t.Errorf("tryHold after a sweep = %v, %v", again, err)
	} else {
		_ = again.Close()
	}
}

func TestLocksHoldWhileLockFilesAreSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var holders, overlaps atomic.Int32
	var lockers, sweepers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		s, _ := openHeard(t, dir, Options{})
		lockers.Go(func() {
			for range 100 {
				release := s.Lock(t.Context(), someKey(""))
				if holders.Add(1) > 1 {
					overlaps.Add(1)
				}
				time.Sleep(100 * time.Microsecond)
				holders.Add(-1)
				release()
			}
		})
		sweepers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					s.removeLocks(time.Now().Add(time.Hour))
				}
			}
		})
	}
	lockers.Wait()
	close(done)
	sweepers.Wait()
	if n := overlaps.Load(); n > 0 {
		t.Errorf("%d of 400 times two held one lock", n)
	}
}

func TestWhatNobodyCanEncodeIsNotKept(t *testing.T) {
	t.Parallel()
	s, h := openHeard(t, t.TempDir(), Options{})
	s.Put(t.Context(), someKey(""), small(noon()))
	bad := fullEntry()
	bad.Resources[0].Attrs[0].Value = struct{}{}
	s.Put(t.Context(), someKey(""), bad)
	if got, ok := s.Get(t.Context(), someKey("")); !ok || !reflect.DeepEqual(got, small(noon())) {
		t.Errorf("Get = %+v, %v, want what was kept before", got, ok)
	}
	h.want(t, "attribute string is a struct {}")
}
