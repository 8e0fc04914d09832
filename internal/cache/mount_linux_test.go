package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// mount puts a file system of its own at a folder, which takes root.
func mount(t *testing.T, size string) (dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting takes root")
	}
	dir = t.TempDir()
	if err := syscall.Mount("cloudtop", dir, "tmpfs", 0, size); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisksLoseNothing(t *testing.T) {
	t.Parallel()
	dir := mount(t, "size=256k")
	s, h := openHeard(t, dir, Options{})
	s.Put(t.Context(), someKey("first"), fullEntry())
	for i := range 100 {
		s.Put(t.Context(), someKey(fmt.Sprint(i)), manyResources(200))
	}
	s.Put(t.Context(), someKey("first"), manyResources(200))
	h.want(t, "no space left on device")
	if e, ok := s.Get(t.Context(), someKey("first")); !ok || len(e.Resources) != len(fullEntry().Resources) {
		t.Errorf("what was kept before the disk was full: %v, want it whole", ok)
	}
	if left, _ := filepath.Glob(filepath.Join(s.entries, ".*")); len(left) > 0 {
		t.Errorf("failed writes left %q", left)
	}
	st, err := s.Status(t.Context())
	if err != nil || st.Broken != 0 || st.Total.Entries < 2 {
		t.Errorf("Status of a full disk = %+v, %v, want whole entries", st, err)
	}
	if n, err := s.Clear(t.Context()); n != st.Total.Entries || err != nil {
		t.Errorf("Clear = %d, %v, want %d", n, err, st.Total.Entries)
	}
	s.Put(t.Context(), someKey("first"), manyResources(200))
	if _, ok := s.Get(t.Context(), someKey("first")); !ok {
		t.Error("nothing is kept after the disk was emptied")
	}
}

func TestReadOnlyFoldersAreRead(t *testing.T) {
	t.Parallel()
	dir := mount(t, "size=1m")
	s, h := openHeard(t, dir, Options{})
	s.Put(t.Context(), someKey(""), fullEntry())
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, ok := s.Get(t.Context(), someKey("")); !ok {
			t.Error("an entry in a read-only folder is a miss")
		}
		s.Put(t.Context(), someKey(""), small(noon()))
		s.Lock(t.Context(), someKey(""))()
	}
	h.want(t, "cannot be written", "cannot be locked")
}
